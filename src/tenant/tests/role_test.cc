#include "tenant/role.h"

#include <gtest/gtest.h>

#include "tenant/identity.h"

namespace livedata::tenant {
namespace {

TEST(RolesTest, AreReadAndWrittenAsAList) {
  const auto roles = Roles::parse("reader, log-writer,reader");
  ASSERT_TRUE(roles) << roles.error().message;
  EXPECT_EQ(roles->text(), "writer,reader");
  EXPECT_EQ(*Roles::parse(roles->text()), *roles);
  EXPECT_TRUE(Roles::parse("")->empty());
}

TEST(RolesTest, TheOtherNamesAreTaken) {
  EXPECT_EQ(Roles::parse("log-writer log-reader audit-reader service-account")->text(),
            "writer,reader,auditor,service");
}

TEST(RolesTest, AnUnknownRoleIsNamed) {
  const auto roles = Roles::parse("reader,root");
  ASSERT_FALSE(roles);
  EXPECT_NE(roles.error().message.find("'root' is not a role"), std::string::npos);
}

TEST(RolesTest, AllowWhatTheTableOfRolesSays) {
  struct Row {
    Role role;
    bool write;
    bool read;
    bool audit;
    bool administer;
  };
  for (const Row& row :
       {Row{Role::kWriter, true, false, false, false},
        Row{Role::kReader, false, true, false, false}, Row{Role::kAdmin, true, true, true, true},
        Row{Role::kAuditor, false, false, true, false},
        Row{Role::kService, true, true, false, false}}) {
    const Roles roles{row.role};
    EXPECT_EQ(roles.allow(Permission::kWrite), row.write) << name(row.role);
    EXPECT_EQ(roles.allow(Permission::kRead), row.read) << name(row.role);
    EXPECT_EQ(roles.allow(Permission::kAudit), row.audit) << name(row.role);
    EXPECT_EQ(roles.allow(Permission::kAdminister), row.administer) << name(row.role);
  }
}

TEST(IdentityTest, NamesOtherTenantsOnlyWhereItMay) {
  Identity identity = Identity::anyone();
  identity.other_tenants = {"shop"};
  EXPECT_EQ(identity.for_tenant("")->tenant.text(), "default");
  EXPECT_EQ(identity.for_tenant("default")->tenant.text(), "default");
  EXPECT_EQ(identity.for_tenant("shop")->tenant.text(), "shop");
  EXPECT_EQ(identity.for_tenant("other").error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(identity.for_tenant("../shop").error().code, ErrorCode::kInvalidArgument);
  identity.other_tenants = {"*"};
  EXPECT_EQ(identity.for_tenant("other")->tenant.text(), "other");
  EXPECT_EQ(identity.for_tenant("a/b").error().code, ErrorCode::kInvalidArgument);
}

TEST(IdentityTest, ARefusalTellsTheRoleThatWouldDo) {
  Identity identity = Identity::anyone();
  identity.name = "agent";
  identity.roles = {Role::kWriter};
  EXPECT_TRUE(identity.check(Permission::kWrite));
  const auto refused = identity.check(Permission::kRead);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(refused.error().message,
            "'agent' may not read in the tenant 'default': that needs the role reader, service or "
            "admin, it has writer");
}

}  // namespace
}  // namespace livedata::tenant
