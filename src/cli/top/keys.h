#pragma once

#include <optional>
#include <string>

#include "cli/terminal/key_reader.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

struct SignalOrder {
  ProcessFigures process;
  int number = 0;
};

/// What a key wants to be done outside of the model.
struct Effects {
  bool quit = false;
  bool suspend = false;
  bool repaint = false;   ///< all of the screen: something else has written on it
  bool resample = false;  ///< figures now, of `host` and `moment` of the model
  bool ask_hosts = false;
  bool ask_logs = false;     ///< of the model's subject
  bool ask_history = false;  ///< likewise
  std::optional<SignalOrder> signal;
};

/// Changes the model as a key wants it. No input and output.
Effects press(Model& model, const terminal::Key& key);

}  // namespace livedata::cli::top
