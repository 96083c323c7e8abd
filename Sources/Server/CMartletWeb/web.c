// The web page's files, taken in at build time. Our own lie in assets/; dygraphs comes from the system's package.

#include "martlet_web.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char alerts_js[] = {
#embed "assets/alerts.js"
};
static const unsigned char api_js[] = {
#embed "assets/api.js"
};
static const unsigned char app_css[] = {
#embed "assets/app.css"
};
static const unsigned char app_js[] = {
#embed "assets/app.js"
};
static const unsigned char chart_js[] = {
#embed "assets/chart.js"
};
static const unsigned char colors_js[] = {
#embed "assets/colors.js"
};
static const unsigned char completion_js[] = {
#embed "assets/completion.js"
};
static const unsigned char dom_js[] = {
#embed "assets/dom.js"
};
static const unsigned char dygraph_min_js[] = {
#embed </usr/share/javascript/dygraphs/dygraph.min.js>
};
static const unsigned char explore_js[] = {
#embed "assets/explore.js"
};
static const unsigned char format_js[] = {
#embed "assets/format.js"
};
static const unsigned char health_js[] = {
#embed "assets/health.js"
};
static const unsigned char history_js[] = {
#embed "assets/history.js"
};
static const unsigned char host_js[] = {
#embed "assets/host.js"
};
static const unsigned char icon_svg[] = {
#embed "assets/icon.svg"
};
static const unsigned char index_html[] = {
#embed "assets/index.html"
};
static const unsigned char listing_js[] = {
#embed "assets/listing.js"
};
static const unsigned char live_js[] = {
#embed "assets/live.js"
};
static const unsigned char matrix_js[] = {
#embed "assets/matrix.js"
};
static const unsigned char menu_js[] = {
#embed "assets/menu.js"
};
static const unsigned char overview_js[] = {
#embed "assets/overview.js"
};
static const unsigned char panel_js[] = {
#embed "assets/panel.js"
};
static const unsigned char promql_js[] = {
#embed "assets/promql.js"
};
static const unsigned char silence_js[] = {
#embed "assets/silence.js"
};
static const unsigned char state_js[] = {
#embed "assets/state.js"
};
static const unsigned char table_js[] = {
#embed "assets/table.js"
};
static const unsigned char targets_js[] = {
#embed "assets/targets.js"
};
static const unsigned char theme_js[] = {
#embed "assets/theme.js"
};
static const unsigned char ticks_js[] = {
#embed "assets/ticks.js"
};
static const unsigned char time_js[] = {
#embed "assets/time.js"
};

#define FILE(name, bytes) {name, bytes, sizeof bytes}

static const martlet_web_file files[] = {
    FILE("alerts.js", alerts_js),
    FILE("api.js", api_js),
    FILE("app.css", app_css),
    FILE("app.js", app_js),
    FILE("chart.js", chart_js),
    FILE("colors.js", colors_js),
    FILE("completion.js", completion_js),
    FILE("dom.js", dom_js),
    FILE("dygraph.min.js", dygraph_min_js),
    FILE("explore.js", explore_js),
    FILE("format.js", format_js),
    FILE("health.js", health_js),
    FILE("history.js", history_js),
    FILE("host.js", host_js),
    FILE("icon.svg", icon_svg),
    FILE("index.html", index_html),
    FILE("listing.js", listing_js),
    FILE("live.js", live_js),
    FILE("matrix.js", matrix_js),
    FILE("menu.js", menu_js),
    FILE("overview.js", overview_js),
    FILE("panel.js", panel_js),
    FILE("promql.js", promql_js),
    FILE("silence.js", silence_js),
    FILE("state.js", state_js),
    FILE("table.js", table_js),
    FILE("targets.js", targets_js),
    FILE("theme.js", theme_js),
    FILE("ticks.js", ticks_js),
    FILE("time.js", time_js),
};

size_t martlet_web_file_count(void) {
    return sizeof files / sizeof files[0];
}

const martlet_web_file *martlet_web_file_at(size_t index) {
    return index < martlet_web_file_count() ? &files[index] : NULL;
}
