#!/usr/bin/env python3
"""Verifies a ledger of audit events from docs/formats/audit-chain.md alone. Prints what is wrong; exits 1 if anything is."""
import hashlib
import hmac
import json
import os
import struct
import sys


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(leaves):
    level = list(leaves)
    if not level:
        return sha()
    while len(level) > 1:
        above = [sha(b"\x01", level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def crc32c(data):
    table = crc32c.table
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


crc32c.table = crc_table()


def verify(directory, key=None):
    wrong = []
    with open(f"{directory}/format") as file:
        assert file.read() == "martlet audit 1\n"
    with open(f"{directory}/identity") as file:
        identity = bytes.fromhex(file.read().strip())
    block_hash = commit_hash = sha(b"\x04", identity)
    block = commit = event = 0
    commits, deleted_commit = {}, 0
    blocks = {}
    names = sorted(n for n in os.listdir(f"{directory}/blocks") if not n.endswith(".tmp"))
    for name in names:
        number, kind = int(name.split(".")[0]), name.split(".")[1]
        if number != block + 1:
            wrong.append(f"block {block + 1} is missing")
        block = number
        with open(f"{directory}/blocks/{name}", "rb") as file:
            data = file.read()
        if kind == "tombstone":
            fields = json.loads(data)
            header = struct.pack(
                "<8sIIQQQ32s32s", b"MRTAUD\0\0", 1, 0, fields["block"], fields["first_commit"], fields["first_event"],
                bytes.fromhex(fields["previous_block"]), bytes.fromhex(fields["previous_commit"]))
            closing = struct.pack(
                "<QQqq32s32s", fields["commits"], fields["events"], fields["first_time"], fields["last_time"],
                bytes.fromhex(fields["last_commit"]), bytes.fromhex(fields["root"]))
            if bytes.fromhex(fields["previous_block"]) != block_hash:
                wrong.append(f"tombstone {number} stands on another block")
            block_hash = sha(b"\x03", header, closing)
            if block_hash.hex() != fields["hash"]:
                wrong.append(f"tombstone {number} was altered")
            commit = fields["first_commit"] + fields["commits"] - 1
            event = fields["first_event"] + fields["events"] - 1
            commit_hash = bytes.fromhex(fields["last_commit"])
            deleted_commit = commit
            commits[commit] = commit_hash
            blocks[number] = block_hash
            continue
        header = data[:104]
        magic, version, zero, own, first_commit, first_event, previous_block, previous_commit = struct.unpack(
            "<8sIIQQQ32s32s", header)
        if magic != b"MRTAUD\0\0" or version != 1 or zero or own != number:
            wrong.append(f"block {number} has no header")
            continue
        if previous_block != block_hash or previous_commit != commit_hash:
            wrong.append(f"block {number} stands on another block")
        if first_commit != commit + 1 or first_event != event + 1:
            wrong.append(f"events are missing before block {number}")
        place, leaves, closed, count, first_time, last_time = 104, [], False, 0, 0, 0
        while place < len(data):
            if len(data) - place < 48:
                break
            marker, length, crc, zero = struct.unpack_from("<4sIII", data, place)
            payload = data[place + 16:place + 16 + length]
            stored = data[place + 16 + length:place + 48 + length]
            if marker not in (b"MAUC", b"MAUF") or len(stored) < 32:
                break
            place += 48 + length
            if crc32c(payload) != crc or zero:
                wrong.append(f"a record of block {number} has a wrong checksum")
            if marker == b"MAUF":
                closing = struct.pack("<QQqq32s32s", count, len(leaves), first_time, last_time, commit_hash, root(leaves))
                if closing != payload or sha(b"\x03", header, payload) != stored:
                    wrong.append(f"block {number} is not what its closing says")
                block_hash, closed = stored, True
                blocks[number] = stored
                continue
            own, time, first, entries = struct.unpack_from("<QqQI", payload, 0)
            at = 28
            if own != commit + 1 or first != event + 1:
                wrong.append(f"commit {commit + 1} or its events are missing in block {number}")
            for index in range(entries):
                size, = struct.unpack_from("<I", payload, at)
                leaf, body = payload[at + 4:at + 36], payload[at + 36:at + 36 + size]
                if sha(b"\x00", struct.pack("<Q", first + index), body) != leaf:
                    wrong.append(f"event {first + index} was altered")
                leaves.append(leaf)
                at += 36 + size
            if at != len(payload):
                wrong.append(f"commit {own} has not the events it tells of")
            if sha(b"\x02", commit_hash, payload) != stored:
                wrong.append(f"commit {own} is not what its hash says")
            commit, event, commit_hash = own, first + entries - 1, stored
            commits[own] = stored
            count += 1
            first_time = first_time or time
            last_time = time
        if kind == "block" and not closed:
            wrong.append(f"block {number} has no closing")
    epoch, secret = (int(key.split()[0]), bytes.fromhex(key.split()[1])) if key else (None, None)
    last, authenticated = None, 0
    with open(f"{directory}/checkpoints.jsonl") as file:
        for line in file.read().splitlines():
            head = json.loads(line)
            if last is not None and head["epoch"] != last + 1:
                wrong.append(f"checkpoints after epoch {last} are missing")
            last = head["epoch"]
            if head["ledger"] != identity.hex():
                wrong.append("a checkpoint is of another ledger")
            if head["commit"] > commit or head["events"] > event:
                wrong.append(f"the tail after event {event} is missing")
            elif head["commit"] > deleted_commit and commits.get(head["commit"], b"").hex() != head["commit_hash"]:
                wrong.append(f"commit {head['commit']} is another than epoch {last} tells")
            if head["block"] in blocks and blocks[head["block"]].hex() != head["block_hash"]:
                wrong.append(f"block {head['block']} is another than epoch {last} tells")
            if secret is None or head["epoch"] < epoch:
                continue
            while epoch < head["epoch"]:
                epoch, secret = epoch + 1, sha(b"\x05", secret)
            text = line[:line.rindex(',"mac"')].encode()
            if hmac.new(secret, text, hashlib.sha256).hexdigest() != head["mac"]:
                wrong.append(f"the checkpoint of epoch {epoch} was not written with the key")
            authenticated += 1
    return wrong, event, authenticated


if __name__ == "__main__":
    problems, events, codes = verify(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    for problem in problems:
        print(problem)
    print(f"{events} events, {codes} checkpoints authenticated, {len(problems)} problems")
    sys.exit(1 if problems else 0)
