#pragma once

#include "query/spl/ast.h"
#include "query/spl/cursor.h"

namespace livedata::query::spl {

/// An expression of eval and where:
///
///     or      = xor { OR xor }              xor  = and { XOR and }       and = not { AND not }
///     not     = NOT not | compare           compare = concat [ (= == != < <= > >= LIKE) concat |
///                                                              [NOT] IN ( or {, or} ) ]
///     concat  = sum { . sum }               sum  = product { (+ -) product }
///     product = unary { (* / %) unary }     unary = [ - + ! ] primary
///     primary = number | "text" | field | 'field' | function ( or {, or} ) | ( or )
Parsed<ExpressionPtr> parse_expression(Cursor& cursor);

}  // namespace livedata::query::spl
