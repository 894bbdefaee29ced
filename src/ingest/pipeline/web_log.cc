#include "ingest/pipeline/web_log.h"

#include <algorithm>

namespace livedata::ingest::pipeline {
namespace {

std::string_view unless_dash(std::string_view text) {
  return text == "-" ? std::string_view() : text;
}

/// Takes a line apart from left to right; behind the first part that is missing it stays false.
class Cutter {
 public:
  explicit Cutter(std::string_view line) : rest_(line) {}

  /// Up to a space, which is taken as well.
  std::string_view word() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view out = rest_.substr(0, end);
    good_ = good_ && end > 0;
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return out;
  }

  /// Between two marks, with the space behind them.
  std::string_view between(char open, char close) {
    if (!rest_.starts_with(open)) {
      good_ = false;
      return {};
    }
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != close)
      end += rest_[end] == '\\' ? std::size_t{2} : std::size_t{1};
    if (end >= rest_.size()) {
      good_ = false;
      return {};
    }
    const std::string_view out = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return out;
  }

  [[nodiscard]] bool at(char c) const { return rest_.starts_with(c); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

bool is_status(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<AccessLine> parse_access_line(std::string_view line) {
  Cutter cut(line);
  AccessLine out;
  out.host = cut.word();
  // Apache's vhost formats put "name:80" in front.
  std::string_view ident = cut.word();
  out.user = cut.word();
  if (!cut.at('[') && cut.good()) {
    out.host = ident;
    ident = out.user;
    out.user = cut.word();
  }
  out.user = unless_dash(out.user);
  out.time = cut.between('[', ']');
  out.request = unless_dash(cut.between('"', '"'));
  out.status = cut.word();
  out.bytes = unless_dash(cut.word());
  if (!cut.good() || !is_status(out.status)) return std::nullopt;
  if (cut.at('"')) out.referer = unless_dash(cut.between('"', '"'));
  if (cut.at('"')) out.agent = unless_dash(cut.between('"', '"'));
  return out;
}

std::optional<ErrorLine> parse_nginx_error(std::string_view line) {
  constexpr std::size_t kTimeBytes = 19;
  Cutter cut(line);
  ErrorLine out;
  out.time = line.substr(0, kTimeBytes);
  cut.skip(kTimeBytes + 1);
  out.level = cut.between('[', ']');
  std::string_view process = cut.word();
  if (!cut.good() || !process.ends_with(':')) return std::nullopt;
  process.remove_suffix(1);
  const std::size_t hash = process.find('#');
  if (hash == std::string_view::npos) return std::nullopt;
  out.pid = process.substr(0, hash);
  out.tid = process.substr(hash + 1);
  if (cut.at('*')) out.connection = cut.word().substr(1);
  out.text = cut.rest();
  if (const std::size_t details = out.text.find(", client: "); details != std::string_view::npos) {
    out.details = out.text.substr(details + 2);
    out.text = out.text.substr(0, details);
  }
  return out;
}

bool next_detail(std::string_view& details, std::string_view& name, std::string_view& value) {
  const std::size_t colon = details.find(": ");
  if (colon == std::string_view::npos) return false;
  name = details.substr(0, colon);
  details.remove_prefix(colon + 2);
  std::size_t end = 0;
  if (details.starts_with('"')) {
    end = std::min(details.find('"', 1), details.size() - 1) + 1;
    value = details.substr(1, end - 1);
    if (value.ends_with('"')) value.remove_suffix(1);
  } else {
    end = std::min(details.find(", "), details.size());
    value = details.substr(0, end);
  }
  details.remove_prefix(end);
  details.remove_prefix(std::min(details.find_first_not_of(", "), details.size()));
  return true;
}

std::optional<ErrorLine> parse_apache_error(std::string_view line) {
  Cutter cut(line);
  ErrorLine out;
  out.time = cut.between('[', ']');
  out.level = cut.between('[', ']');
  if (!cut.good()) return std::nullopt;
  // Since 2.4 the module stands in front of the level.
  if (const std::size_t colon = out.level.find(':'); colon != std::string_view::npos) {
    out.module = out.level.substr(0, colon);
    out.level = out.level.substr(colon + 1);
  }
  while (cut.at('[')) {
    const std::string_view part = cut.between('[', ']');
    if (!cut.good()) return std::nullopt;
    if (part.starts_with("pid ")) {
      const std::size_t colon = std::min(part.find(":tid "), part.size());
      out.pid = part.substr(4, colon - 4);
      out.tid = part.substr(std::min(colon + 5, part.size()));
    } else if (part.starts_with("client ")) {
      out.client = part.substr(7);
    }
  }
  out.text = cut.rest();
  return out;
}

}  // namespace livedata::ingest::pipeline
