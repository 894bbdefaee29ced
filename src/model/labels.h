#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace livedata {

struct Label {
  std::string name;
  std::string value;
  auto operator<=>(const Label&) const = default;
};

/// Whether a label or field name is [a-zA-Z_][a-zA-Z0-9_]*.
bool is_label_name(std::string_view name);

/// The name with every other character turned into '_', and a '_' in front of a leading digit.
std::string sanitized_label_name(std::string_view name);

/// A label set: sorted by name, each name once, no empty values (an empty value means absent).
class Labels {
 public:
  Labels() = default;
  /// Sorts; of equal names the last one wins; empty values are left out.
  explicit Labels(std::vector<Label> labels);

  [[nodiscard]] auto begin() const { return labels_.begin(); }
  [[nodiscard]] auto end() const { return labels_.end(); }
  [[nodiscard]] std::size_t size() const { return labels_.size(); }
  [[nodiscard]] bool empty() const { return labels_.empty(); }
  /// The value, or "" for an absent label. Valid as long as these labels are not changed.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// Replaces or adds; an empty value removes.
  void set(std::string_view name, std::string_view value);

  /// `{a="b", c="d"}` with escapes, as LogQL writes a selector.
  [[nodiscard]] std::string to_string() const;
  auto operator<=>(const Labels&) const = default;

 private:
  std::vector<Label> labels_;
};

/// 128 bits over the sorted labels; the same on every machine.
using StreamId = Hash128;
StreamId stream_id(const Labels& labels);

/// All records with one label set.
struct Stream {
  explicit Stream(Labels l) : id(stream_id(l)), labels(std::move(l)) {}
  StreamId id;
  Labels labels;
};
using StreamRef = std::shared_ptr<const Stream>;

}  // namespace livedata
