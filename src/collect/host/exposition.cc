#include "collect/host/exposition.h"

#include <cmath>
#include <iterator>

#include <fmt/core.h>

namespace livedata::collect::host {
namespace {

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
    case MetricType::kSummary:
      return "summary";
    case MetricType::kUntyped:
      break;
  }
  return "untyped";
}

/// Bytes of the UTF-8 sequence that `text` begins with; 0 if it is none (RFC 3629, section 4).
std::size_t sequence_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xC2 && first < 0xE0   ? 2
                           : first >= 0xE0 && first < 0xF0 ? 3
                           : first >= 0xF0 && first < 0xF5 ? 4
                                                           : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
  return bad ? 0 : size;
}

}  // namespace

void append_label_value(std::string& out, std::string_view value) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  while (!value.empty()) {
    const std::size_t size = sequence_size(value);
    if (size == 0) {
      out += kReplacement;
    } else if (value.front() == '\n') {
      out += "\\n";
    } else if (value.front() == '\\' || value.front() == '"') {
      out += '\\';
      out += value.front();
    } else {
      out += value.substr(0, size);
    }
    value.remove_prefix(size == 0 ? 1 : size);
  }
}

void Exposition::begin_family() {
  begun_ = true;
  // Some names are made of words of the kernel.
  name_shown_ = name_;
  for (char& c : name_shown_) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!good && c != ':') c = '_';
  }
  repeated_ = !seen_.insert(name_shown_).second;
  if (repeated_) return;
  fmt::format_to(std::back_inserter(out_), "# HELP {} ", name_shown_);
  append_label_value(out_, help_);
  fmt::format_to(std::back_inserter(out_), "\n# TYPE {} {}\n", name_shown_, type_name(type_));
}

bool Exposition::begin(std::string_view suffix, LabelSpan labels) {
  if (!begun_) begin_family();
  if (repeated_) return false;
  out_ += name_shown_;
  out_ += suffix;
  if (!labels.empty()) {
    char before = '{';
    for (const auto& [name, value] : labels) {
      out_ += before;
      out_ += name;
      out_ += "=\"";
      append_label_value(out_, value);
      out_ += '"';
      before = ',';
    }
    out_ += '}';
  }
  out_ += ' ';
  return true;
}

Exposition& Exposition::add(std::string_view suffix, LabelSpan labels, double value) {
  if (!begin(suffix, labels)) return *this;
  if (std::isnan(value)) {
    out_ += "NaN\n";
  } else if (std::isinf(value)) {
    out_ += value > 0 ? "+Inf\n" : "-Inf\n";
  } else {
    fmt::format_to(std::back_inserter(out_), "{}\n", value);
  }
  return *this;
}

Exposition& Exposition::add_unsigned(LabelPairs labels, std::uint64_t value) {
  if (!begin("", span(labels))) return *this;
  fmt::format_to(std::back_inserter(out_), "{}\n", value);
  return *this;
}

Exposition& Exposition::add_signed(LabelPairs labels, std::int64_t value) {
  if (!begin("", span(labels))) return *this;
  fmt::format_to(std::back_inserter(out_), "{}\n", value);
  return *this;
}

}  // namespace livedata::collect::host
