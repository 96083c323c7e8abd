/// The configuration that the demonstration writes into its directory, as a user would write it.
enum DemoFiles {
    static func configuration(port: Int) -> String {
        """
        global:
          scrape_interval: 1s
          evaluation_interval: 1s
        scrape_configs:
          - job_name: shop
            static_configs: [{targets: ["127.0.0.1:\(port)"]}]
        rule_files: [rules.yml]
        server: {notification_allowlist: [127.0.0.1]}
        route: {receiver: shop, group_by: [alertname], group_wait: 1s, group_interval: 5s}
        receivers:
          - name: shop
            webhook_configs: [{url: "http://127.0.0.1:\(port)/hook", send_resolved: true}]

        """
    }

    static let rules = """
        groups:
          - name: shop
            rules:
              - record: route:shop_requests:rate30s
                expr: sum by (route) (rate(shop_requests_total[30s]))
              - alert: HighErrorRate
                expr: >
                  sum by (route) (rate(shop_requests_total{code="500"}[30s]))
                  / sum by (route) (rate(shop_requests_total[30s])) > 0.05
                for: 5s
                labels: {severity: critical}
                annotations:
                  summary: "{{ $labels.route }} fails in {{ $value | humanizePercentage }} of requests"
              - alert: SlowResponses
                expr: histogram_quantile(0.95, sum by (route, le) (rate(shop_request_duration_seconds_bucket[30s]))) > 0.02
                for: 5s
                labels: {severity: warning}
                annotations:
                  summary: "{{ $labels.route }} takes {{ $value | humanizeDuration }} at the 95th percentile"
              - alert: OrdersPileUp
                expr: shop_orders_queued > 50
                for: 3s
                labels: {severity: warning}
                annotations:
                  summary: "{{ $value }} orders wait to be packed"

        """
}
