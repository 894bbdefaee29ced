#include "collect/files/line_joiner.h"

#include <algorithm>

#include <re2/re2.h>

namespace livedata::collect {
namespace {

class SimpleJoiner final : public LineJoiner {
 public:
  SimpleJoiner(const JoinRules& rules, std::size_t max_bytes)
      : rules_(rules), max_bytes_(std::min(max_bytes, rules.max_bytes)) {}

  void push(std::string_view line, const Origin& origin, Time now, const Emit& emit) override {
    last_push_ = now;
    if (lines_ > 0 && continues(line) && lines_ < rules_.max_lines &&
        text_.size() + 1 + line.size() <= max_bytes_) {
      text_ += '\n';
      text_ += line;
      ++lines_;
      return;
    }
    flush(emit);
    text_.assign(line);
    origin_ = origin;
    lines_ = 1;
  }

  void flush(const Emit& emit) override {
    if (lines_ > 0) emit(text_, origin_);
    lines_ = 0;
  }

  void flush_if_idle(Time now, const Emit& emit) override {
    if (now - last_push_ >= rules_.timeout) flush(emit);
  }

  [[nodiscard]] const Origin* pending() const override { return lines_ == 0 ? nullptr : &origin_; }
  void clear() override { lines_ = 0; }

 private:
  [[nodiscard]] bool continues(std::string_view line) const {
    if (rules_.by_indentation) return line.empty() || line.front() == ' ' || line.front() == '\t';
    return !re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *rules_.first_line);
  }

  const JoinRules& rules_;
  std::size_t max_bytes_;
  std::string text_;
  std::size_t lines_ = 0;
  Origin origin_;
  Time last_push_;
};

}  // namespace

std::unique_ptr<LineJoiner> make_line_joiner(const JoinRules& rules, std::size_t max_bytes) {
  return rules.any() ? std::make_unique<SimpleJoiner>(rules, max_bytes) : nullptr;
}

}  // namespace livedata::collect
