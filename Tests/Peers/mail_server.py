"""A mail server on loopback that wants STARTTLS and AUTH, and prints each message that it takes as one JSON object.

usage: mail_server.py PORT CERTIFICATE KEY USER PASSWORD
"""
import json
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": (session.auth_data or b"").decode() if isinstance(session.auth_data, bytes) else str(session.auth_data),
            "data": envelope.content.decode("utf-8", "replace"),
        }), flush=True)
        return "250 kept"


def main() -> None:
    port, certificate, key, user, password = sys.argv[1:6]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        good = data.login == user.encode() and data.password == password.encode()
        return AuthResult(success=good, auth_data=user.encode() if good else None, handled=False)

    class Server(Controller):
        def factory(self):
            return SMTP(self.handler, tls_context=context, require_starttls=True, auth_required=True,
                        authenticator=authenticate, hostname="mail.example.org")

    server = Server(Keeper(), hostname="127.0.0.1", port=int(port))
    server.start()
    print("ready", flush=True)
    while True:
        time.sleep(3600)


main()
