#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::collect::remote {

/// One answer of the far side; valid while the call runs that hands it over.
struct Reply {
  std::string_view tag;   ///< which request it is for
  std::string_view body;  ///< any bytes
};

/// Cuts what the far side writes into answers. Each ends with a line of its own, "MARK TAG", where
/// the mark is a random word that is known to nobody else there: contents can't end an answer.
/// Holds at most one answer. Not thread-safe.
class ReplyParser {
 public:
  using Take = std::function<void(const Reply& reply)>;

  ReplyParser(std::string_view mark, std::size_t max_bytes);

  /// kTooLarge: an answer has no end within `max_bytes`. kCorrupt: a mark without a tag. The parser
  /// is then of no further use.
  Result<void> feed(std::string_view bytes, const Take& take);
  [[nodiscard]] std::size_t buffered() const { return buffer_.size(); }

 private:
  const std::string end_;  // of a body: line end, mark, blank
  const std::size_t max_bytes_;
  std::string buffer_;
  std::size_t scanned_ = 0;  // bytes that hold no end
};

}  // namespace livedata::collect::remote
