#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace livedata::collect::host {

enum class MetricType { kCounter, kGauge, kUntyped, kHistogram, kSummary };

/// Writes Prometheus text, exposition format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats). Samples of a family stand
/// together; a family without samples leaves nothing, and one that was there already adds nothing.
class Exposition {
 public:
  using LabelPair = std::pair<std::string_view, std::string_view>;
  using LabelPairs = std::initializer_list<LabelPair>;
  using LabelSpan = std::span<const LabelPair>;

  /// What the following samples belong to. The texts must live until the next family.
  Exposition& family(std::string_view name, MetricType type, std::string_view help) {
    name_ = name;
    type_ = type;
    help_ = help;
    begun_ = false;
    return *this;
  }
  Exposition& counter(std::string_view name, std::string_view help) {
    return family(name, MetricType::kCounter, help);
  }
  Exposition& gauge(std::string_view name, std::string_view help) {
    return family(name, MetricType::kGauge, help);
  }

  template <std::floating_point Number>
  Exposition& add(LabelPairs labels, Number value) {
    return add_double(labels, value);
  }
  template <std::integral Number>
  Exposition& add(LabelPairs labels, Number value) {
    if constexpr (std::unsigned_integral<Number>) {
      return add_unsigned(labels, value);
    } else {
      return add_signed(labels, value);
    }
  }
  template <class Number>
  Exposition& add(Number value) {
    return add({}, value);
  }

  /// A sample of a family whose name has `suffix` behind that of the family, as a histogram's have.
  Exposition& add(std::string_view suffix, LabelSpan labels, double value);

  std::string take() { return std::move(out_); }

 private:
  static LabelSpan span(LabelPairs labels) { return {labels.begin(), labels.size()}; }
  Exposition& add_double(LabelPairs labels, double value) { return add("", span(labels), value); }
  Exposition& add_unsigned(LabelPairs labels, std::uint64_t value);
  Exposition& add_signed(LabelPairs labels, std::int64_t value);
  /// False: the sample is left out.
  bool begin(std::string_view suffix, LabelSpan labels);
  void begin_family();

  std::string out_;
  std::set<std::string, std::less<>> seen_;
  std::string name_shown_;  ///< with the characters that a name may have
  std::string_view name_;
  std::string_view help_;
  MetricType type_ = MetricType::kGauge;
  bool begun_ = false;
  bool repeated_ = false;
};

/// A label value as the format wants it: escaped, and valid UTF-8 whatever it was.
void append_label_value(std::string& out, std::string_view value);

}  // namespace livedata::collect::host
