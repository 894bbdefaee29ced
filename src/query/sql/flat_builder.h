#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace livedata::query::sql {

/// Writes one FlatBuffer (flatbuffers.dev/internals): what is referred to comes before what refers
/// to it. Built from its end, so a place is a distance from the end.
class FlatBuilder {
 public:
  using Place = std::uint32_t;

  Place string(std::string_view text);
  Place vector(const std::vector<Place>& places);
  /// Structs of two longs, one behind the other.
  Place pairs(const std::vector<std::pair<std::int64_t, std::int64_t>>& values);

  /// Fields of one table are added between begin_table() and end_table(), with nothing else built
  /// meanwhile.
  void begin_table();
  template <class T>
  void add(std::uint16_t field, T value) {
    align(sizeof(T), 0);
    put(value);
    fields_.push_back({field, place()});
  }
  void add_place(std::uint16_t field, Place target);
  Place end_table();

  /// The buffer with this table as its root; its size is a multiple of 8.
  std::string finish(Place root);

 private:
  struct Field {
    std::uint16_t id = 0;
    Place place = 0;
  };

  [[nodiscard]] Place place() const { return static_cast<Place>(reversed_.size()); }
  /// Pads so that after `more` bytes the place is a multiple of `size`.
  void align(std::size_t size, std::size_t more);
  template <class T>
  void put(T value) {
    const auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (std::size_t i = sizeof(T); i-- > 0;)
      reversed_ += static_cast<char>(static_cast<std::uint64_t>(bits) >> (8 * i) & 0xFFU);
  }
  void put_place(Place target);

  std::string reversed_;
  std::vector<Field> fields_;
  Place table_start_ = 0;
};

}  // namespace livedata::query::sql
