#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata::archive::s3 {

/// An element of an XML document, without attributes and prefixes of namespaces.
struct XmlElement {
  std::string name;
  std::string text;  ///< its own, without that of the elements in it; entities resolved
  std::vector<XmlElement> children;

  /// Null where no child has the name.
  [[nodiscard]] const XmlElement* child(std::string_view wanted) const;
  /// Text of the first child with the name; "" if there is none.
  [[nodiscard]] std::string_view child_text(std::string_view wanted) const;
};

struct XmlLimits {
  std::size_t max_depth = 16;
  std::size_t max_elements = 100'000;
};

/// The root element of what S3 and its like answer: elements, text, CDATA, comments, processing
/// instructions, the five named and all numeric entities. No document types, so that no entity can
/// grow. In one pass; kInvalidArgument for anything else, kTooLarge beyond the limits.
Result<XmlElement> parse_xml(std::string_view text, const XmlLimits& limits = {});

}  // namespace livedata::archive::s3
