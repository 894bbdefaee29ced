#include "cli/import_state.h"

#include <algorithm>
#include <charconv>

namespace livedata::cli {
namespace {

// A file has two lines: what is imported, and the position in it.
constexpr std::string_view kHead = "livedata import of ";

template <class Number>
bool take_number(std::string_view& text, Number& number) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

Result<ImportState> ImportState::load(std::string path, std::string source, FileSystem& files) {
  std::replace(source.begin(), source.end(), '\n', ' ');
  ImportState state(std::move(path), std::move(source), files);
  if (state.path_.empty()) return state;
  const auto content = files.read_all(state.path_);
  if (!content && content.error().code == ErrorCode::kNotFound) return state;
  if (!content) return fail(content.error());
  const std::string head = fmt::format("{}{}\n", kHead, state.source_);
  if (!content->starts_with(head)) {
    return fail(ErrorCode::kInvalidArgument,
                "{} is of another import; remove it to start from the beginning", state.path_);
  }
  state.position_ = content->substr(head.size());
  while (state.position_.ends_with('\n')) state.position_.pop_back();
  return state;
}

Result<void> ImportState::save(std::string position) {
  position_ = std::move(position);
  if (path_.empty()) return {};
  return write_atomically(*files_, path_, fmt::format("{}{}\n{}\n", kHead, source_, position_));
}

std::string format_position(const PagePosition& position) {
  return fmt::format("{} {}", position.time, fmt::join(position.taken, " "));
}

std::optional<PagePosition> parse_position(std::string_view text) {
  PagePosition position;
  if (!take_number(text, position.time)) return std::nullopt;
  for (std::uint64_t hash = 0; take_number(text, hash);) position.taken.push_back(hash);
  return text.find_first_not_of(' ') == std::string_view::npos ? std::optional(position)
                                                               : std::nullopt;
}

}  // namespace livedata::cli
