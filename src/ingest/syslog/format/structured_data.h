#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace livedata::ingest::syslog {

/// The STRUCTURED-DATA of RFC 5424 section 6.3, `[id name="value" ...][...]`, one parameter at a
/// time. Brackets within a value need no backslash, since many senders leave it out.
class StructuredDataReader {
 public:
  explicit StructuredDataReader(std::string_view text) : rest_(text) {}

  struct Parameter {
    std::string_view id;
    std::string_view name;
    std::string_view value;  ///< with its escapes
  };
  /// The next one; nothing at the end and where the text is malformed.
  std::optional<Parameter> next();
  /// After the last one: whether all elements were well-formed.
  [[nodiscard]] bool ok() const { return ok_; }
  /// What stands behind the elements that were read.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  bool take_id();

  std::string_view rest_;
  std::string_view id_;
  bool in_element_ = false;
  bool ok_ = true;
};

/// Bytes of the elements that the text begins with; 0 if they are malformed.
std::size_t structured_data_size(std::string_view text);

/// Adds a value without its escapes: \" \\ \]; any other backslash stands for itself.
void append_unescaped(std::string_view value, std::string& out);

}  // namespace livedata::ingest::syslog
