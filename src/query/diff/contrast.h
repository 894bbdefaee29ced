#pragma once

#include <array>
#include <vector>

#include "query/diff/finding.h"

namespace livedata::query::diff {

/// A number for each side of a comparison: before (or the rest), and after (or what was selected).
using Sides = std::array<double, 2>;

/// How surprising counts are if both sides had the same rate: the log-likelihood ratio G of two
/// Poisson rates (Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence",
/// 1993), where `exposures` are seconds or records. About chi-squared with one degree of freedom:
/// 11 is one case in a thousand.
double surprise(const Sides& counts, const Sides& exposures);

/// The same for numbers: how far apart the distributions of two samples lie, by the statistic of
/// Kolmogorov and Smirnov on the scale of surprise(). Sorts the samples.
double surprise_of_samples(std::vector<double>& before, std::vector<double>& after);

/// Below this nobody needs to look.
constexpr double kMinSurprise = 11;

/// What counts of records are held against.
struct Basis {
  Against against = Against::kTime;
  Sides seconds{1, 1};  ///< length of either range
  Sides records{};      ///< that were looked at. Where the rest is asked for, the first side is all
  Sides weights{1, 1};  ///< records that each of them stands for

  /// Records of either side, about, of those that were counted.
  [[nodiscard]] Sides estimate(const Sides& counted) const;
  /// Of records of one kind: small where their rate is as before, and also where all records have
  /// become more or fewer alike.
  [[nodiscard]] double score(const Sides& counted) const;
  /// What has become of them.
  [[nodiscard]] Change change(const Sides& counted) const;
};

}  // namespace livedata::query::diff
