#pragma once

#include "cli/top/keys.h"

namespace livedata::cli::top {

// Keys while the table is shown, and while its filter is typed.
void press_table(Model& model, const terminal::Key& pressed, Effects& effects);
void press_filter(Model& model, const terminal::Key& key);

/// Opens the logs of the model's subject; Escape leads `back`.
void begin_logs(Model& model, Effects& effects, Mode back);

}  // namespace livedata::cli::top
