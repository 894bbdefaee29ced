#pragma once

#include <string>

#include "model/record_batch.h"

namespace livedata::ingest::loki {

/// The batch as Loki's protobuf PushRequest in a snappy block: the body of a push with content type
/// application/x-protobuf. Fields become structured metadata, as text; every byte of lines is kept.
std::string encode_push(const RecordBatch& batch);

}  // namespace livedata::ingest::loki
