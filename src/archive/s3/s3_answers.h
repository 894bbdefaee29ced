#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata::archive::s3 {

/// What S3 says went wrong; empty where its answer has no such document.
struct S3Error {
  std::string code;     ///< such as "NoSuchKey"
  std::string message;  ///< cut to 300 bytes
  std::string region;   ///< the bucket's, when another one was asked

  /// Of an answer's body, whatever it is.
  static S3Error of(std::string_view body);
};

/// A page of ListObjectsV2.
struct ObjectPage {
  struct Row {
    std::string key;
    std::uint64_t bytes = 0;
  };
  std::vector<Row> rows;
  std::string next_token;  ///< "": this is the last one
};

/// A page of ListMultipartUploads.
struct UploadPage {
  struct Row {
    std::string key;
    std::string upload_id;
  };
  std::vector<Row> rows;
  bool is_truncated = false;
  std::string next_key;
  std::string next_upload_id;
};

/// A page of ListParts.
struct PartPage {
  struct Row {
    std::uint32_t number = 0;
    std::uint64_t bytes = 0;
    std::string etag;    ///< with its quotes, as S3 wants it back
    std::string crc32c;  ///< base64; "" where the server keeps none
  };
  std::vector<Row> rows;
  bool is_truncated = false;
  std::string next_number;
};

// kInvalidArgument for a body that is not the document, such as a proxy's page.
Result<ObjectPage> read_object_page(std::string_view body);
Result<UploadPage> read_upload_page(std::string_view body);
Result<PartPage> read_part_page(std::string_view body);
/// The upload id of InitiateMultipartUploadResult.
Result<std::string> read_upload_id(std::string_view body);

}  // namespace livedata::archive::s3
