#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace livedata::ingest {

/// Objects this deep in others become the text of one field, unless a caller has its own bound.
constexpr std::size_t kMaxFlatDepth = 8;

/// The way from nested values to fields, for every format: what is no object is a leaf, and is
/// called by the names on the way to it. Calls visit(path, leaf) for the leaves of `value` in their
/// order. `path` is the name of `value` and is left as it was; the names below are joined to it by
/// `separator`. Objects `max_depth` below `value` are leaves too. Stops at once when visit returns
/// false, and then returns false.
///
/// Tree tells what an object is:
///   static bool is_object(const Value&);
///   static bool for_each_member(const Value&, f);  // until f(name, member) is false, which it
///                                                  // then returns
// NOLINTNEXTLINE(misc-no-recursion): as deep as max_depth
template <class Tree, class Value, class Visit>
bool for_each_leaf(const Value& value, std::string& path, char separator, std::size_t max_depth,
                   const Visit& visit) {
  if (max_depth == 0 || !Tree::is_object(value)) return visit(std::string_view(path), value);
  const std::size_t size = path.size();
  return Tree::for_each_member(value, [&](std::string_view name, const auto& member) {
    path += separator;
    path += name;
    const bool goes_on = for_each_leaf<Tree>(member, path, separator, max_depth - 1, visit);
    path.resize(size);
    return goes_on;
  });
}

}  // namespace livedata::ingest
