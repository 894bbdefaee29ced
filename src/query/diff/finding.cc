#include "query/diff/finding.h"

namespace livedata::query::diff {

std::string_view name(FindingKind kind) {
  switch (kind) {
    case FindingKind::kPattern:
      return "pattern";
    case FindingKind::kField:
      return "field";
    case FindingKind::kNumber:
      return "number";
    case FindingKind::kMetric:
      return "metric";
    case FindingKind::kProcess:
      return "process";
  }
  return "";
}

std::string_view name(Change change) {
  switch (change) {
    case Change::kNew:
      return "new";
    case Change::kGone:
      return "gone";
    case Change::kMore:
      return "more";
    case Change::kLess:
      return "less";
  }
  return "";
}

}  // namespace livedata::query::diff
