#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/pipeline/multi_line.h"
#include "ingest/pipeline/pipeline.h"
#include "ingest/pipeline/run.h"
#include "ingest/record_intake.h"

namespace livedata::ingest {

/// The streams of a request whose records go through a pipeline first. Not thread-safe.
class PipedStreams {
 public:
  explicit PipedStreams(RecordIntake& intake);

  /// Its ordinal among these. Equal label sets share one.
  std::uint32_t add_stream(Labels labels, bool has_service_name, const pipeline::Pipeline& pipeline,
                           bool join_lines, RepeatedTimes* repeats);
  void add(std::uint32_t ordinal, TimestampNs timestamp, std::string_view line,
           std::vector<Field>& fields);
  [[nodiscard]] const pipeline::MultiLineRules* multi_line_of(std::uint32_t ordinal) const {
    return streams_[ordinal].pipeline->multi_line();
  }
  /// Hands on the lines that wait for others.
  void flush();

 private:
  /// Where records go that have left the pipeline with certain labels.
  struct Target {
    std::uint32_t ordinal = 0;  // in the batch
    std::string_view level;
    std::vector<Label> labels_as_fields;
  };
  /// A copy of a record's fields, for a record whose lines are being joined.
  struct KeptField {
    std::string name;
    std::string text;
    FieldValue value;  // of kinds other than text
  };
  struct PipedStream {
    Labels labels;
    bool has_service_name = false;  // as the sender gave it
    const pipeline::Pipeline* pipeline = nullptr;
    RepeatedTimes* repeats = nullptr;
    std::optional<pipeline::MultiLine> joiner = {};
    std::vector<KeptField> kept = {};                      // of the record that the joiner holds
    std::unordered_map<std::string, Target> targets = {};  // by changes of labels
  };

  void add_joined(PipedStream& stream, const pipeline::MultiLine::Joined& joined);
  void run(PipedStream& stream, TimestampNs timestamp, std::string_view line,
           std::vector<Field>& fields);
  Target& target_of(PipedStream& stream, const pipeline::PipelineRecord& record);

  RecordIntake& intake_;
  pipeline::PipelineRun run_;
  std::deque<PipedStream> streams_;
  std::unordered_map<StreamId, std::uint32_t> ordinal_by_id_;
  std::string key_;                   // of targets, used again and again
  std::vector<Field> joined_fields_;  // likewise
};

}  // namespace livedata::ingest
