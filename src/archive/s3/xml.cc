#include "archive/s3/xml.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace livedata::archive::s3 {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_name_end(char c) {
  return kBlanks.find(c) != std::string_view::npos || c == '>' || c == '/' || c == '=' ||
         c == '<' || c == '&' || c == '"' || c == '\'';
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) {
    text += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0U | (code >> 6U));
    add(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    add(0xE0U | (code >> 12U));
    add(0x80U | ((code >> 6U) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  } else {
    add(0xF0U | (code >> 18U));
    add(0x80U | ((code >> 12U) & 0x3FU));
    add(0x80U | ((code >> 6U) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  }
}

/// What stands between & and ; as text.
bool append_entity(std::string& text, std::string_view name) {
  struct Named {
    std::string_view name;
    char character;
  };
  constexpr Named kNamed[] = {
      {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
  for (const Named& named : kNamed) {
    if (name == named.name) {
      text += named.character;
      return true;
    }
  }
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x');
  if (is_hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] =
      std::from_chars(name.data(), name.data() + name.size(), code, is_hex ? 16 : 10);
  const bool is_character = code != 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  if (error != std::errc() || end != name.data() + name.size() || !is_character) return false;
  append_utf8(text, code);
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, const XmlLimits& limits)
      : all_(text), rest_(text), limits_(limits) {}

  Result<XmlElement> document() {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    LIVEDATA_RETURN_IF_ERROR(skip_around());
    XmlElement holder;
    LIVEDATA_RETURN_IF_ERROR(element(holder, 1));
    LIVEDATA_RETURN_IF_ERROR(skip_around());
    if (!rest_.empty()) return wrong("text behind the document");
    return std::move(holder.children.front());
  }

 private:
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::kInvalidArgument, "no XML at byte {}: {}", all_.size() - rest_.size(),
                what);
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
  }

  /// Steps over what begins with `open`, if it is next.
  Result<bool> skip(std::string_view open, std::string_view close) {
    if (!rest_.starts_with(open)) return false;
    const std::size_t end = rest_.find(close, open.size());
    if (end == std::string_view::npos) return wrong("a comment or instruction without end");
    rest_.remove_prefix(end + close.size());
    return true;
  }

  Result<bool> skip_comment() {
    LIVEDATA_TRY(const bool is_comment, skip("<!--", "-->"));
    if (is_comment) return true;
    return skip("<?", "?>");
  }

  /// What may stand before and behind the root element.
  Result<void> skip_around() {
    for (;;) {
      skip_blanks();
      LIVEDATA_TRY(const bool skipped, skip_comment());
      if (!skipped) return {};
    }
  }

  Result<std::string_view> name() {
    std::size_t size = 0;
    while (size < rest_.size() && !is_name_end(rest_[size])) ++size;
    if (size == 0) return wrong("a name is missing");
    const std::string_view found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }

  /// Steps over a tag's attributes; whether the element ends with its tag.
  Result<bool> rest_of_tag() {
    for (;;) {
      skip_blanks();
      if (rest_.starts_with("/>")) {
        rest_.remove_prefix(2);
        return true;
      }
      if (rest_.starts_with('>')) {
        rest_.remove_prefix(1);
        return false;
      }
      LIVEDATA_RETURN_IF_ERROR(name());
      skip_blanks();
      if (!rest_.starts_with('=')) return wrong("an attribute without value");
      rest_.remove_prefix(1);
      skip_blanks();
      if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\''))
        return wrong("an attribute's value without quotes");
      const std::size_t end = rest_.find(rest_.front(), 1);
      if (end == std::string_view::npos) return wrong("an attribute's value without end");
      rest_.remove_prefix(end + 1);
    }
  }

  /// Up to the next tag.
  Result<void> text(std::string& target) {
    const std::size_t end = rest_.find_first_of("<&");
    if (end == std::string_view::npos) return wrong("an element without end");
    target += rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (rest_.front() != '&') return {};
    const std::size_t semicolon = rest_.substr(0, 12).find(';');
    if (semicolon == std::string_view::npos ||
        !append_entity(target, rest_.substr(1, semicolon - 1)))
      return wrong("an entity that is not known");
    rest_.remove_prefix(semicolon + 1);
    return {};
  }

  Result<bool> cdata(std::string& target) {
    constexpr std::string_view kOpen = "<![CDATA[";
    const std::string_view before = rest_;
    LIVEDATA_TRY(const bool found, skip(kOpen, "]]>"));
    if (!found) return false;
    target += before.substr(kOpen.size(), before.size() - rest_.size() - kOpen.size() - 3);
    return true;
  }

  Result<void> end_tag(std::string_view opened) {
    rest_.remove_prefix(2);
    LIVEDATA_TRY(const std::string_view closed, name());
    skip_blanks();
    if (closed != opened || !rest_.starts_with('>')) return wrong("an end tag that has no start");
    rest_.remove_prefix(1);
    return {};
  }

  // The depth is bounded by the limits.
  Result<void> element(XmlElement& parent, std::size_t depth) {  // NOLINT(misc-no-recursion)
    if (!rest_.starts_with('<')) return wrong("an element is missing");
    if (depth > limits_.max_depth || ++num_elements_ > limits_.max_elements)
      return fail(ErrorCode::kTooLarge, "an XML document with too many elements, or too deep");
    rest_.remove_prefix(1);
    LIVEDATA_TRY(const std::string_view tag, name());
    XmlElement& self = parent.children.emplace_back();
    const std::size_t colon = tag.find(':');
    self.name = colon == std::string_view::npos ? tag : tag.substr(colon + 1);
    LIVEDATA_TRY(const bool is_over, rest_of_tag());
    if (is_over) return {};
    while (!rest_.starts_with("</")) {
      LIVEDATA_RETURN_IF_ERROR(text(self.text));
      if (rest_.starts_with("</") || !rest_.starts_with('<')) continue;
      LIVEDATA_TRY(const bool is_comment, skip_comment());
      if (is_comment) continue;
      LIVEDATA_TRY(const bool is_cdata, cdata(self.text));
      if (is_cdata) continue;
      LIVEDATA_RETURN_IF_ERROR(element(self, depth + 1));
    }
    return end_tag(tag);
  }

  const std::string_view all_;
  std::string_view rest_;
  const XmlLimits& limits_;
  std::size_t num_elements_ = 0;
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view wanted) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const XmlElement& child) { return child.name == wanted; });
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlElement::child_text(std::string_view wanted) const {
  const XmlElement* found = child(wanted);
  return found == nullptr ? std::string_view() : found->text;
}

Result<XmlElement> parse_xml(std::string_view text, const XmlLimits& limits) {
  return Parser(text, limits).document();
}

}  // namespace livedata::archive::s3
