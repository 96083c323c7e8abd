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
static const unsigned char canvas_js[] = {
#embed "assets/canvas.js"
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
static const unsigned char download_js[] = {
#embed "assets/download.js"
};
static const unsigned char dygraph_min_js[] = {
#embed </usr/share/javascript/dygraphs/dygraph.min.js>
};
static const unsigned char explore_js[] = {
#embed "assets/explore.js"
};
static const unsigned char flame_js[] = {
#embed "assets/flame.js"
};
static const unsigned char flamechart_js[] = {
#embed "assets/flamechart.js"
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
static const unsigned char logbars_js[] = {
#embed "assets/logbars.js"
};
static const unsigned char logquery_js[] = {
#embed "assets/logquery.js"
};
static const unsigned char logrow_js[] = {
#embed "assets/logrow.js"
};
static const unsigned char logs_js[] = {
#embed "assets/logs.js"
};
static const unsigned char maplayout_js[] = {
#embed "assets/maplayout.js"
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
static const unsigned char scatter_js[] = {
#embed "assets/scatter.js"
};
static const unsigned char servicemap_js[] = {
#embed "assets/servicemap.js"
};
static const unsigned char silence_js[] = {
#embed "assets/silence.js"
};
static const unsigned char spanlogs_js[] = {
#embed "assets/spanlogs.js"
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
static const unsigned char traceask_js[] = {
#embed "assets/traceask.js"
};
static const unsigned char tracedetails_js[] = {
#embed "assets/tracedetails.js"
};
static const unsigned char tracemodel_js[] = {
#embed "assets/tracemodel.js"
};
static const unsigned char tracepage_js[] = {
#embed "assets/tracepage.js"
};
static const unsigned char tracepair_js[] = {
#embed "assets/tracepair.js"
};
static const unsigned char tracepaths_js[] = {
#embed "assets/tracepaths.js"
};
static const unsigned char tracequery_js[] = {
#embed "assets/tracequery.js"
};
static const unsigned char traces_js[] = {
#embed "assets/traces.js"
};
static const unsigned char tracesearch_js[] = {
#embed "assets/tracesearch.js"
};
static const unsigned char tracesets_js[] = {
#embed "assets/tracesets.js"
};
static const unsigned char waterfall_js[] = {
#embed "assets/waterfall.js"
};
static const unsigned char waterfallrows_js[] = {
#embed "assets/waterfallrows.js"
};

#define FILE(name, bytes) {name, bytes, sizeof bytes}

static const martlet_web_file files[] = {
    FILE("alerts.js", alerts_js),
    FILE("api.js", api_js),
    FILE("app.css", app_css),
    FILE("app.js", app_js),
    FILE("canvas.js", canvas_js),
    FILE("chart.js", chart_js),
    FILE("colors.js", colors_js),
    FILE("completion.js", completion_js),
    FILE("dom.js", dom_js),
    FILE("download.js", download_js),
    FILE("dygraph.min.js", dygraph_min_js),
    FILE("explore.js", explore_js),
    FILE("flame.js", flame_js),
    FILE("flamechart.js", flamechart_js),
    FILE("format.js", format_js),
    FILE("health.js", health_js),
    FILE("history.js", history_js),
    FILE("host.js", host_js),
    FILE("icon.svg", icon_svg),
    FILE("index.html", index_html),
    FILE("listing.js", listing_js),
    FILE("live.js", live_js),
    FILE("logbars.js", logbars_js),
    FILE("logquery.js", logquery_js),
    FILE("logrow.js", logrow_js),
    FILE("logs.js", logs_js),
    FILE("maplayout.js", maplayout_js),
    FILE("matrix.js", matrix_js),
    FILE("menu.js", menu_js),
    FILE("overview.js", overview_js),
    FILE("panel.js", panel_js),
    FILE("promql.js", promql_js),
    FILE("scatter.js", scatter_js),
    FILE("servicemap.js", servicemap_js),
    FILE("silence.js", silence_js),
    FILE("spanlogs.js", spanlogs_js),
    FILE("state.js", state_js),
    FILE("table.js", table_js),
    FILE("targets.js", targets_js),
    FILE("theme.js", theme_js),
    FILE("ticks.js", ticks_js),
    FILE("time.js", time_js),
    FILE("traceask.js", traceask_js),
    FILE("tracedetails.js", tracedetails_js),
    FILE("tracemodel.js", tracemodel_js),
    FILE("tracepage.js", tracepage_js),
    FILE("tracepair.js", tracepair_js),
    FILE("tracepaths.js", tracepaths_js),
    FILE("tracequery.js", tracequery_js),
    FILE("traces.js", traces_js),
    FILE("tracesearch.js", tracesearch_js),
    FILE("tracesets.js", tracesets_js),
    FILE("waterfall.js", waterfall_js),
    FILE("waterfallrows.js", waterfallrows_js),
};

size_t martlet_web_file_count(void) {
    return sizeof files / sizeof files[0];
}

const martlet_web_file *martlet_web_file_at(size_t index) {
    return index < martlet_web_file_count() ? &files[index] : NULL;
}
