#include "base/testing/simulated_disk.h"

#include <gtest/gtest.h>

namespace livedata {
namespace {

TEST(SimulatedDiskTest, SyncedBytesUnderSyncedNamesSurviveEveryCrash) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedDisk disk(seed);
    auto files = disk.mount();
    ASSERT_TRUE(files->create_folders("/d"));
    auto file = files->create("/d/a");
    ASSERT_TRUE((*file)->append("kept"));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(files->sync_folder("/d"));
    ASSERT_TRUE((*file)->append("torn"));
    disk.crash();
    EXPECT_FALSE((*file)->append("x")) << "the old machine is gone";
    const std::string content = *disk.mount()->read_all("/d/a");
    EXPECT_TRUE(content.starts_with("kept") && std::string("kepttorn").starts_with(content));
  }
}

TEST(SimulatedDiskTest, ANameThatWasNotSyncedIsThereOrNot) {
  bool was_there = false;
  bool was_gone = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk(seed);
    auto files = disk.mount();
    ASSERT_TRUE(files->create_folders("/d"));
    ASSERT_TRUE((*files->create("/d/a"))->sync());
    disk.crash();
    (*disk.mount()->exists("/d/a") ? was_there : was_gone) = true;
  }
  EXPECT_TRUE(was_there && was_gone);
}

TEST(SimulatedDiskTest, ARenameReplacesAtomically) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk(seed);
    auto files = disk.mount();
    ASSERT_TRUE(files->create_folders("/d"));
    ASSERT_TRUE(write_atomically(*files, "/d/a", "old"));
    ASSERT_TRUE(write_atomically(*files, "/d/a", "new"));
    disk.crash();
    EXPECT_EQ(*disk.mount()->read_all("/d/a"), "new");
  }
}

TEST(SimulatedDiskTest, FailsAsAskedAndWhenFull) {
  SimulatedDisk disk(1);
  auto files = disk.mount();
  ASSERT_TRUE(files->create_folders("/d"));
  auto file = files->create("/d/a");
  disk.fail_once(SimulatedDisk::Operation::kSync, ErrorCode::kIoError, 1);
  EXPECT_TRUE((*file)->sync());
  EXPECT_EQ((*file)->sync().error().code, ErrorCode::kIoError);
  EXPECT_TRUE((*file)->sync());
  disk.set_capacity(10);
  EXPECT_TRUE((*file)->append("123456"));
  EXPECT_EQ((*file)->append("123456").error().code, ErrorCode::kUnavailable);
  EXPECT_LE(files->disk_space("/d")->free_bytes, 4U);
}

}  // namespace
}  // namespace livedata
