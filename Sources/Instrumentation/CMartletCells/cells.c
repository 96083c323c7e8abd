#include "martlet_cells.h"
