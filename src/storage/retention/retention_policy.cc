#include "storage/retention/retention_policy.h"

#include <limits>
#include <tuple>

namespace livedata::storage {
namespace {

std::chrono::nanoseconds effective_age(const RetentionRule& rule) {
  return rule.max_age.count() == 0 ? std::chrono::nanoseconds::max() : rule.max_age;
}

}  // namespace

const RetentionRule* deciding_rule(const RetentionOptions& options, const Labels& labels) {
  const RetentionRule* best = nullptr;
  const auto weight = [](const RetentionRule& rule) {
    return std::tuple(rule.hold, rule.priority, effective_age(rule));
  };
  for (const RetentionRule& rule : options.rules) {
    if (matches_all(rule.matchers, labels) && (best == nullptr || weight(rule) > weight(*best)))
      best = &rule;
  }
  return best;
}

}  // namespace livedata::storage
