// Line filters and label filters.
#include <algorithm>
#include <cstring>

#include <re2/re2.h>

#include "base/check.h"
#include "query/logql/steps.h"
#include "query/plan/ip_range.h"
#include "query/plan/line_pattern.h"
#include "query/plan/required_literals.h"
#include "query/plan/units.h"

namespace livedata::query::logql {
namespace {

using LineTest = std::function<bool(std::string_view)>;

bool contains(std::string_view line, std::string_view needle) {
  return needle.empty() ||
         ::memmem(line.data(), line.size(), needle.data(), needle.size()) != nullptr;
}

Result<LineTest> make_line_test(LineOp op, const LineFilter::Alternative& alternative) {
  if (alternative.is_ip) {
    LIVEDATA_TRY(const plan::IpRange range, plan::IpRange::make(alternative.text));
    return LineTest([range](std::string_view line) { return range.found_in(line); });
  }
  if (op == LineOp::kContains || op == LineOp::kContainsNot) {
    return LineTest(
        [needle = alternative.text](std::string_view line) { return contains(line, needle); });
  }
  if (op == LineOp::kPattern || op == LineOp::kPatternNot) {
    LIVEDATA_TRY(plan::LinePattern pattern, plan::LinePattern::for_filter(alternative.text));
    return LineTest(
        [pattern = std::move(pattern)](std::string_view line) { return pattern.matches(line); });
  }
  // glibc's memmem is several times faster than an automaton.
  if (auto choice = plan::literal_choice(alternative.text); !choice.empty()) {
    return LineTest([choice = std::move(choice)](std::string_view line) {
      return std::any_of(choice.begin(), choice.end(),
                         [line](const std::string& needle) { return contains(line, needle); });
    });
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_shared<const re2::RE2>(alternative.text, options);
  if (!regex->ok()) {
    return fail(ErrorCode::kInvalidArgument, "the regex '{}' is wrong: {}", alternative.text,
                regex->error());
  }
  return LineTest([regex](std::string_view line) {
    return re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *regex);
  });
}

bool compare(double left, Comparison comparison, double right) {
  switch (comparison) {
    case Comparison::kEqual:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterOrEqual:
      return left >= right;
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessOrEqual:
      return left <= right;
  }
  return false;
}

/// Numeric fields as they are, text by `parse`.
template <class Parse>
std::optional<double> number_of(const FieldValue& value, const Parse& parse) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  const auto* text = std::get_if<std::string_view>(&value);
  return text == nullptr ? std::nullopt : parse(*text);
}

std::optional<double> to_number(const FieldValue& value, LabelFilter::Kind kind) {
  switch (kind) {
    case LabelFilter::Kind::kDuration:
      return number_of(value, plan::parse_duration_ns);
    case LabelFilter::Kind::kBytes:
      return number_of(value, plan::parse_bytes);
    default:
      return number_of(value, plan::parse_number);
  }
}

/// A missing label fails; one that is no number is an error on the row, which passes, and so does a
/// row that has an error already: only string filters decide about those.
bool passes_number(const LabelFilter& filter, plan::Row& row) {
  if (row.has_error()) return true;
  const auto value = row.find(filter.name);
  if (!value) return false;
  const auto number = to_number(*value, filter.kind);
  if (!number) {
    row.set_error("LabelFilterErr",
                  fmt::format("the value '{}' of label {} is not of the filter's kind",
                              to_string(*value), filter.name));
    return true;
  }
  return compare(*number, filter.comparison, filter.value);
}

bool matches(const LabelMatcher& matcher, const std::optional<FieldValue>& value) {
  if (!value) return matcher.matches(std::string_view());
  if (const auto* text = std::get_if<std::string_view>(&*value)) return matcher.matches(*text);
  return matcher.matches(to_string(*value));
}

Step make_string_step(const LabelFilter& filter) {
  // A string filter always has a matcher; it holds the name as well.
  LIVEDATA_CHECK(filter.matcher.has_value());
  return [matcher = filter.matcher.value()](plan::Row& row) {
    return matches(matcher, row.find(matcher.name()));
  };
}

Result<Step> make_ip_step(const LabelFilter& filter) {
  LIVEDATA_TRY(const plan::IpRange range, plan::IpRange::make(filter.text));
  const bool wanted = filter.comparison == Comparison::kEqual;
  return Step([name = filter.name, range, wanted](plan::Row& row) {
    if (row.has_error()) return true;
    const auto value = row.find(name);
    return value && range.contains(to_string(*value)) == wanted;
  });
}

Result<Step> make_in_step(const LabelFilter& filter, const StepContext& context) {
  const auto found = context.inner_values.find(filter.inner.get());
  if (found == context.inner_values.end()) {
    return fail(ErrorCode::kInvalidArgument,
                "{} in (...) can't be used here: the inner query has no time range", filter.name);
  }
  return Step([name = filter.name, values = found->second](plan::Row& row) {
    const auto value = row.find(name);
    return value && values->contains(to_string(*value));
  });
}

}  // namespace

Result<Step> make_step(const LineFilter& filter) {
  const bool wanted = filter.op == LineOp::kContains || filter.op == LineOp::kMatches ||
                      filter.op == LineOp::kPattern;
  std::vector<LineTest> tests;
  for (const LineFilter::Alternative& alternative : filter.alternatives) {
    LIVEDATA_TRY(LineTest test, make_line_test(filter.op, alternative));
    tests.push_back(std::move(test));
  }
  if (tests.size() == 1) {
    return Step([test = std::move(tests.front()), wanted](plan::Row& row) {
      return test(row.line()) == wanted;
    });
  }
  return Step([tests = std::move(tests), wanted](plan::Row& row) {
    const std::string_view line = row.line();
    return wanted == std::any_of(tests.begin(), tests.end(),
                                 [line](const LineTest& test) { return test(line); });
  });
}

Result<Step> make_step(const LabelFilter& filter, const StepContext& context) {
  switch (filter.kind) {
    case LabelFilter::Kind::kString:
      return make_string_step(filter);
    case LabelFilter::Kind::kIp:
      return make_ip_step(filter);
    case LabelFilter::Kind::kIn:
      return make_in_step(filter, context);
    case LabelFilter::Kind::kAnd:
    case LabelFilter::Kind::kOr: {
      LIVEDATA_TRY(Step left, make_step(*filter.left, context));
      LIVEDATA_TRY(Step right, make_step(*filter.right, context));
      if (filter.kind == LabelFilter::Kind::kAnd) {
        return Step([left = std::move(left), right = std::move(right)](plan::Row& row) {
          return left(row) && right(row);
        });
      }
      return Step([left = std::move(left), right = std::move(right)](plan::Row& row) {
        return left(row) || right(row);
      });
    }
    default:
      return Step([filter](plan::Row& row) { return passes_number(filter, row); });
  }
}

std::optional<double> unwrapped(const FieldValue& value, Unwrap::Conversion conversion) {
  switch (conversion) {
    case Unwrap::Conversion::kNumber:
      return number_of(value, plan::parse_number);
    case Unwrap::Conversion::kBytes:
      return number_of(value, plan::parse_bytes);
    case Unwrap::Conversion::kDuration:
    case Unwrap::Conversion::kDurationSeconds: {
      constexpr double kNs = 1e9;
      return number_of(value, [](std::string_view text) -> std::optional<double> {
        const auto ns = plan::parse_duration_ns(text);
        return ns ? std::optional(*ns / kNs) : std::nullopt;
      });
    }
  }
  return std::nullopt;
}

}  // namespace livedata::query::logql
