#include "collect/files/position.h"

#include <charconv>

#include <fmt/format.h>

namespace livedata::collect {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::string_view kKeyPrefix = "file:";

/// Numbers with spaces between them.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::string_view word() {
    const std::size_t end = std::min(text_.find(' '), text_.size());
    const std::string_view word = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return word;
  }
  template <class Number>
  void read(Number& number) {
    const std::string_view digits = word();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    good_ = good_ && error == std::errc() && end == digits.data() + digits.size();
  }
  [[nodiscard]] std::string_view rest() const { return text_; }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::string Position::to_text() const {
  const auto flags = static_cast<unsigned>(in_line) | static_cast<unsigned>(is_done) << 1U;
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", kVersion, file.device,
                     file.inode, file.born, mark.offset, mark.head, mark.tail, modified, flags,
                     static_cast<unsigned>(encoding), times[0], times[1], times[2], times[3],
                     written, name);
}

std::optional<Position> Position::parse(std::string_view text) {
  Words words(text);
  if (words.word() != kVersion) return std::nullopt;
  Position position;
  unsigned flags = 0;
  unsigned encoding = 0;
  words.read(position.file.device);
  words.read(position.file.inode);
  words.read(position.file.born);
  words.read(position.mark.offset);
  words.read(position.mark.head);
  words.read(position.mark.tail);
  words.read(position.modified);
  words.read(flags);
  words.read(encoding);
  for (TimestampNs& time : position.times) words.read(time);
  words.read(position.written);
  position.name = words.rest();
  if (!words.good() || encoding > static_cast<unsigned>(TextEncoding::kLatin1)) return std::nullopt;
  position.in_line = (flags & 1U) != 0;
  position.is_done = (flags & 2U) != 0;
  position.encoding = static_cast<TextEncoding>(encoding);
  return position;
}

std::string PositionKey::to_text() const {
  return fmt::format("{}{}#{}", kKeyPrefix, path, number);
}

std::optional<PositionKey> PositionKey::parse(std::string_view key) {
  const std::size_t hash = key.rfind('#');
  if (!key.starts_with(kKeyPrefix) || hash == std::string_view::npos) return std::nullopt;
  PositionKey parsed;
  parsed.path = key.substr(kKeyPrefix.size(), hash - kKeyPrefix.size());
  Words number(key.substr(hash + 1));
  number.read(parsed.number);
  return number.good() && !parsed.path.empty() ? std::optional(parsed) : std::nullopt;
}

}  // namespace livedata::collect
