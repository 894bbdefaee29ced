// Matching as in PromQL: step by step, since a series takes part only where it has a value.
#include "query/plan/vector_matching.h"

#include <unordered_map>
#include <unordered_set>

namespace livedata::query::plan {
namespace {

using BySignature = std::unordered_map<StreamId, std::vector<std::size_t>>;

StreamId signature(const Labels& labels, const Matching& matching) {
  return stream_id(grouped_labels(labels, matching.names, !matching.on));
}

BySignature by_signature(const StepVector& vector, const Matching& matching) {
  BySignature out;
  for (std::size_t i = 0; i < vector.size(); ++i)
    out[signature(vector[i].labels, matching)].push_back(i);
  return out;
}

Labels result_labels(const Labels& many, const Labels& one, const Matching& matching) {
  if (matching.card == Matching::Card::kOneToOne) {
    return matching.keeps_labels ? many : grouped_labels(many, matching.names, !matching.on);
  }
  Labels labels = many;
  for (const std::string& name : matching.include) labels.set(name, one.get(name));
  return labels;
}

tl::unexpected<Error> not_unique(std::string_view what, const Labels& labels) {
  return fail(ErrorCode::kInvalidArgument, "{}: {}", what, labels.to_string());
}

/// The members that have a value at the step; more than one of them is an error.
Result<const StepSeries*> only_one_at(const StepVector& vector,
                                      const std::vector<std::size_t>& members, std::size_t step) {
  const StepSeries* found = nullptr;
  for (const std::size_t i : members) {
    if (!vector[i].has(step)) continue;
    if (found != nullptr) {
      return not_unique(
          "found duplicate series on the one side of a match; many-to-many matching is not "
          "allowed: "
          "matching labels must be unique on one side",
          found->labels);
    }
    found = &vector[i];
  }
  return found;
}

/// Results by labels, so that two matches of the same labels at one step are found.
class ResultSeries {
 public:
  Result<void> set(const Labels& labels, std::size_t step, double value) {
    const auto [slot, is_new] = index_.try_emplace(stream_id(labels), series_.size());
    if (is_new) series_.emplace_back(labels);
    StepSeries& series = series_[slot->second];
    if (series.has(step)) {
      return not_unique(
          "multiple matches for labels: grouping labels must ensure unique matches, and "
          "many-to-one "
          "matching must be explicit (group_left/group_right)",
          labels);
    }
    series.set(step, value);
    return {};
  }
  StepVector take() { return std::move(series_); }

 private:
  std::unordered_map<StreamId, std::size_t> index_;
  StepVector series_;
};

/// Series of the many side against the only one of the other side, for one signature.
Result<void> combine_group(const StepVector& many, const std::vector<std::size_t>& many_members,
                           const StepVector& one, const std::vector<std::size_t>& one_members,
                           const Matching& matching, const Combine& combine, ResultSeries& out) {
  const bool one_to_one = matching.card == Matching::Card::kOneToOne;
  std::unordered_set<std::size_t> matched_steps;
  for (const std::size_t i : many_members) {
    for (std::size_t step = many[i].begin_step(); step < many[i].end_step(); ++step) {
      if (!many[i].has(step)) continue;
      LIVEDATA_TRY(const StepSeries* other, only_one_at(one, one_members, step));
      if (other == nullptr) continue;
      if (one_to_one && many_members.size() > 1 && !matched_steps.insert(step).second) {
        return not_unique(
            "multiple matches for labels: many-to-one matching must be explicit "
            "(group_left/group_right)",
            many[i].labels);
      }
      double value = 0;
      const bool swapped = matching.card == Matching::Card::kOneToMany;
      const double left = swapped ? other->value(step) : many[i].value(step);
      const double right = swapped ? many[i].value(step) : other->value(step);
      if (!combine(left, right, value)) continue;
      LIVEDATA_RETURN_IF_ERROR(
          out.set(result_labels(many[i].labels, other->labels, matching), step, value));
    }
  }
  return {};
}

}  // namespace

Result<StepVector> combine_matching(const StepVector& left, const StepVector& right,
                                    const Matching& matching, const Combine& combine) {
  const bool swapped = matching.card == Matching::Card::kOneToMany;
  const StepVector& many = swapped ? right : left;
  const StepVector& one = swapped ? left : right;
  const BySignature on_one_side = by_signature(one, matching);
  BySignature on_many_side = by_signature(many, matching);
  ResultSeries out;
  for (const StepSeries& series : many) {  // in the order of the many side
    const StreamId id = signature(series.labels, matching);
    const auto found = on_one_side.find(id);
    if (found == on_one_side.end()) continue;
    const auto members = on_many_side.extract(id);
    if (members.empty()) continue;  // done with an earlier series
    LIVEDATA_RETURN_IF_ERROR(
        combine_group(many, members.mapped(), one, found->second, matching, combine, out));
  }
  return out.take();
}

StepVector combine_scalar(StepVector vector, double scalar, bool scalar_is_left,
                          const Combine& combine) {
  for (StepSeries& series : vector) {
    for (std::size_t i = series.begin_step(); i < series.end_step(); ++i) {
      double value = 0;
      if (!series.has(i)) continue;
      const bool keep = scalar_is_left ? combine(scalar, series.value(i), value)
                                       : combine(series.value(i), scalar, value);
      if (keep) {
        series.set(i, value);
      } else {
        series.clear(i);
      }
    }
  }
  drop_empty(vector);
  return vector;
}

StepVector set_operation(StepVector left, StepVector right, SetOperation operation,
                         const Matching& matching) {
  const auto has_match = [&](const StepVector& others, const BySignature& index,
                             const StepSeries& series, std::size_t step) {
    const auto found = index.find(signature(series.labels, matching));
    return found != index.end() && std::any_of(found->second.begin(), found->second.end(),
                                               [&](std::size_t i) { return others[i].has(step); });
  };
  const auto keep_where = [&](StepVector& vector, const StepVector& others, bool wanted) {
    const BySignature index = by_signature(others, matching);
    for (StepSeries& series : vector) {
      for (std::size_t i = series.begin_step(); i < series.end_step(); ++i) {
        if (series.has(i) && has_match(others, index, series, i) != wanted) series.clear(i);
      }
    }
    drop_empty(vector);
  };
  if (operation != SetOperation::kOr) {
    keep_where(left, right, operation == SetOperation::kAnd);
    return left;
  }
  keep_where(right, left, false);
  for (StepSeries& series : right) left.push_back(std::move(series));
  merge_equal(left);
  return left;
}

}  // namespace livedata::query::plan
