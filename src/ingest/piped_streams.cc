#include "ingest/piped_streams.h"

#include "base/cut_text.h"
#include "ingest/level/level_detection.h"
#include "model/service_name.h"

namespace livedata::ingest {

PipedStreams::PipedStreams(RecordIntake& intake)
    : intake_(intake), run_(intake.context_.limits, intake.context_.now) {}

std::uint32_t PipedStreams::add_stream(Labels labels, bool has_service_name,
                                       const pipeline::Pipeline& pipeline, bool join_lines,
                                       RepeatedTimes* repeats) {
  const auto [slot, is_new] =
      ordinal_by_id_.try_emplace(stream_id(labels), static_cast<std::uint32_t>(streams_.size()));
  if (!is_new) return slot->second;
  PipedStream& stream = streams_.emplace_back();
  stream.labels = std::move(labels);
  stream.has_service_name = has_service_name;
  stream.pipeline = &pipeline;
  stream.repeats = repeats;
  if (pipeline.multi_line() != nullptr && join_lines)
    stream.joiner.emplace(*pipeline.multi_line(), intake_.context_.limits.max_line_bytes);
  return slot->second;
}

void PipedStreams::add(std::uint32_t ordinal, TimestampNs timestamp, std::string_view line,
                       std::vector<Field>& fields) {
  PipedStream& stream = streams_[ordinal];
  if (!stream.joiner) {
    run(stream, timestamp, line, fields);
    return;
  }
  pipeline::MultiLine& joiner = *stream.joiner;
  const bool was_empty = joiner.empty();
  bool begins = was_empty;
  const auto keep = [&] {
    stream.kept.clear();
    for (const Field& field : fields) {
      const auto* text = std::get_if<std::string_view>(&field.value);
      stream.kept.push_back({std::string(field.name), text == nullptr ? "" : std::string(*text),
                             text == nullptr ? field.value : FieldValue(std::string_view())});
    }
  };
  if (was_empty) keep();
  joiner.push(line, {.timestamp = timestamp}, {}, [&](const pipeline::MultiLine::Joined& joined) {
    add_joined(stream, joined);
    // What comes next is the line itself, if it did not belong to that record.
    if (!begins) keep();
    begins = true;
  });
}

void PipedStreams::flush() {
  for (PipedStream& stream : streams_) {
    if (!stream.joiner) continue;
    stream.joiner->flush(
        [&](const pipeline::MultiLine::Joined& joined) { add_joined(stream, joined); });
  }
}

void PipedStreams::add_joined(PipedStream& stream, const pipeline::MultiLine::Joined& joined) {
  joined_fields_.clear();
  for (const KeptField& field : stream.kept) {
    const bool is_text = std::holds_alternative<std::string_view>(field.value);
    joined_fields_.push_back({field.name, is_text ? FieldValue(field.text) : field.value});
  }
  run(stream, joined.origin.timestamp, joined.text, joined_fields_);
}

void PipedStreams::run(PipedStream& stream, TimestampNs timestamp, std::string_view line,
                       std::vector<Field>& fields) {
  // What no stage can make right is not worked on.
  const std::size_t max_line_bytes = intake_.context_.limits.max_line_bytes;
  if (line.size() > max_line_bytes && !stream.pipeline->shortens_lines()) {
    if (!intake_.is_to_be_cut(line)) {
      static_cast<void>(intake_.check_record(timestamp, line, fields));
      return;
    }
    intake_.note_cut(line.size(), fields);
    line = cut_text(line, max_line_bytes);
  }
  pipeline::PipelineRecord& record = run_.begin(stream.labels, timestamp, line, fields);
  if (!stream.pipeline->run(record, run_).kept) {
    ++intake_.decoded_.num_dropped;
    return;
  }
  const Target& target = target_of(stream, record);
  intake_.add_to_stream({target.ordinal, target.level, target.labels_as_fields, stream.repeats},
                        record.timestamp(), record.line(), fields);
}

PipedStreams::Target& PipedStreams::target_of(PipedStream& stream,
                                              const pipeline::PipelineRecord& record) {
  key_.clear();
  for (const pipeline::LabelChange& change : record.label_changes()) {
    for (const std::string_view text : {change.name, change.value}) {
      const auto size = static_cast<std::uint32_t>(text.size());
      key_.append(reinterpret_cast<const char*>(&size), sizeof(size));
      key_ += text;
    }
  }
  const auto [found, is_new] = stream.targets.try_emplace(key_);
  if (!is_new) return found->second;
  Labels labels = record.labels();
  bool names_service = stream.has_service_name;
  for (const pipeline::LabelChange& change : record.label_changes())
    names_service = names_service || change.name == kServiceNameLabel;
  // A name that was guessed is guessed again from the labels as they are now.
  if (!names_service) labels.set(kServiceNameLabel, "");
  discover_service_name(labels);
  found->second.level = level_of(labels);
  found->second.labels_as_fields = intake_.open_stream(std::move(labels), found->second.ordinal);
  return found->second;
}

}  // namespace livedata::ingest
