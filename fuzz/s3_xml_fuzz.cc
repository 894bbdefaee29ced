#include <cstdint>
#include <string_view>

#include "archive/s3/s3_answers.h"
#include "archive/s3/xml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace s3 = livedata::archive::s3;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  static_cast<void>(s3::parse_xml(body, {.max_depth = 8, .max_elements = 1'000}).has_value());
  static_cast<void>(s3::read_object_page(body).has_value());
  static_cast<void>(s3::read_upload_page(body).has_value());
  static_cast<void>(s3::read_part_page(body).has_value());
  static_cast<void>(s3::read_upload_id(body).has_value());
  static_cast<void>(s3::S3Error::of(body));
  return 0;
}
