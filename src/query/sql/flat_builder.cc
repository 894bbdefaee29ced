#include "query/sql/flat_builder.h"

#include <algorithm>

namespace livedata::query::sql {

void FlatBuilder::align(std::size_t size, std::size_t more) {
  while ((reversed_.size() + more) % size != 0) reversed_ += '\0';
}

void FlatBuilder::put_place(Place target) {
  align(sizeof(Place), 0);
  put(static_cast<Place>(place() + sizeof(Place) - target));
}

FlatBuilder::Place FlatBuilder::string(std::string_view text) {
  align(sizeof(Place), text.size() + 1);
  reversed_ += '\0';
  reversed_.append(text.rbegin(), text.rend());
  put(static_cast<std::uint32_t>(text.size()));
  return place();
}

FlatBuilder::Place FlatBuilder::vector(const std::vector<Place>& places) {
  align(sizeof(Place), 0);
  for (auto target = places.rbegin(); target != places.rend(); ++target) put_place(*target);
  put(static_cast<std::uint32_t>(places.size()));
  return place();
}

FlatBuilder::Place FlatBuilder::pairs(
    const std::vector<std::pair<std::int64_t, std::int64_t>>& values) {
  align(sizeof(std::int64_t), 0);
  for (auto pair = values.rbegin(); pair != values.rend(); ++pair) {
    put(pair->second);
    put(pair->first);
  }
  put(static_cast<std::uint32_t>(values.size()));
  return place();
}

void FlatBuilder::begin_table() {
  fields_.clear();
  table_start_ = place();
}

void FlatBuilder::add_place(std::uint16_t field, Place target) {
  put_place(target);
  fields_.push_back({field, place()});
}

FlatBuilder::Place FlatBuilder::end_table() {
  align(sizeof(std::int32_t), 0);
  put(std::int32_t{0});  // the distance to the table of fields, known below
  const Place table = place();
  std::uint16_t count = 0;
  for (const Field& field : fields_) count = std::max<std::uint16_t>(count, field.id + 1);
  std::vector<std::uint16_t> offsets(count, 0);
  for (const Field& field : fields_)
    offsets[field.id] = static_cast<std::uint16_t>(table - field.place);
  for (auto offset = offsets.rbegin(); offset != offsets.rend(); ++offset) put(*offset);
  put(static_cast<std::uint16_t>(table - table_start_));
  put(static_cast<std::uint16_t>(sizeof(std::uint16_t) * (count + 2U)));
  const std::uint32_t distance = place() - table;
  for (std::size_t i = 0; i < sizeof(distance); ++i)
    reversed_[table - 1 - i] = static_cast<char>(distance >> (8 * i) & 0xFFU);
  return table;
}

std::string FlatBuilder::finish(Place root) {
  align(8, sizeof(Place));
  put_place(root);
  return {reversed_.rbegin(), reversed_.rend()};
}

}  // namespace livedata::query::sql
