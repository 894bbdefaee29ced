#pragma once

#include <map>
#include <string>

namespace livedata {

/// How far a reader of some source (a file, a journal) has come, stored in the same atomic write as
/// the records it read: after a crash both are there or neither is, so that a source that can be
/// read again is stored exactly once. The value is the reader's own; "" forgets the bookmark.
using Bookmarks = std::map<std::string, std::string>;

/// The later ones win.
inline void update(Bookmarks& bookmarks, const Bookmarks& later) {
  for (const auto& [key, value] : later) {
    if (value.empty()) {
      bookmarks.erase(key);
    } else {
      bookmarks[key] = value;
    }
  }
}

}  // namespace livedata
