#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/terminal/key_reader.h"
#include "cli/terminal/repaint.h"
#include "cli/top/keys.h"
#include "cli/top/screen.h"
#include "cli/top/server_records.h"

namespace {

using namespace livedata::cli;  // NOLINT(google-build-using-namespace): all of it is under test

/// A process whose texts are the input, so that all of it comes to the page.
top::Model model_of(std::string_view input) {
  top::Model model;
  model.size = {60, 16};
  top::Snapshot snapshot;
  snapshot.host.name = input;
  snapshot.processes.resize(3);
  for (std::size_t i = 0; i < snapshot.processes.size(); ++i) {
    top::ProcessFigures& process = snapshot.processes[i];
    process.pid = static_cast<std::int64_t>(i) + 1;
    process.parent = static_cast<std::int64_t>(i + 1) % 3;
    process.name = process.command = process.user = process.unit = input;
  }
  model.host = input;
  top::take_snapshot(model, snapshot);
  model.logs.lines = {{1, "", std::string(input)}};
  return model;
}

/// Nothing but our own sequences may command the terminal.
void check(std::string_view painted) {
  for (std::size_t i = 0; i < painted.size(); ++i) {
    const auto c = static_cast<unsigned char>(painted[i]);
    if (c == 0x1B ? painted[i + 1] != '[' : c < 0x20 || c == 0x7F) std::abort();
  }
}

}  // namespace

/// The input is typed, is the names of processes, and is a server's answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  top::Model model = model_of(input);
  terminal::KeyReader reader;
  reader.feed(input.substr(0, 24));
  reader.give_up();
  check(terminal::repaint(nullptr, top::draw(model), {}));
  while (const auto key = reader.next()) {
    top::press(model, *key);
    check(terminal::repaint(nullptr, top::draw(model), {}));
  }
  static_cast<void>(top::parse_records(input));
  static_cast<void>(top::parse_minutes(input));
  return 0;
}
