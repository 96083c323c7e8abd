#include "martlet_web.h"
