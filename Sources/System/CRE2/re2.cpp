#include "martlet_re2.h"
