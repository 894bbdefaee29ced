#pragma once

#include "cli/sql_client.h"

namespace livedata::cli {

/// Asks for queries at the terminal, and shows their answers, until Ctrl-D, `quit` or `exit`. A
/// query goes over as many lines as it takes until a semicolon. The exit code.
int run_sql_shell(SqlClient& client);

}  // namespace livedata::cli
