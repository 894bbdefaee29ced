#pragma once

#include "ingest/pipeline/record.h"
#include "ingest/pipeline/run.h"
#include "ingest/pipeline/stage.h"
#include "ingest/pipeline/time/zone.h"
#include "ingest/pipeline/web_log.h"

namespace livedata::ingest::pipeline {

/// Makes fields of the parts, and the record's time of the line's. Names are those of nginx's
/// variables: remote_addr, remote_user, method, path, protocol, status, body_bytes_sent,
/// http_referer, http_user_agent.
StageOutcome add_access_fields(const AccessLine& line, PipelineRecord& record, PipelineRun& run);

/// The same of an error log's line, whose time is of `zone`; its text becomes the field `message`.
StageOutcome add_error_fields(const ErrorLine& line, const TimeZone& zone, PipelineRecord& record,
                              PipelineRun& run);

}  // namespace livedata::ingest::pipeline
