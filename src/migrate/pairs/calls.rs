//! Functions of Erlang's own libraries that take or give lists of pairs, and what does the same with a map.

/// What becomes of a call that is given a list of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// This code, with `$0`, `$1` for the arguments.
    Code(&'static str),
    /// What `lists:keyfind/3` becomes depends on what is done with its result.
    Find,
    Take,
    Store,
    Replace,
    Member,
    /// The call stays, and gets the map's pairs as a list; what it gives does not depend on their order.
    ToList,
    /// The same where the order shows.
    InOrder,
    /// What is left of the pairs, as pairs.
    Filter,
}

/// A function that is given a list of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taker {
    pub becomes: Becomes,
    /// Which argument the pairs are, from 0.
    pub index: usize,
    /// Whether it gives such pairs.
    pub gives: bool,
    /// Whether its second argument is the position in the pairs, which has to be the first.
    pub by_position: bool,
    /// Whether it is a list without doubt: what asks for one, or makes a map of one, may mean such as are kept somewhere.
    pub is_plain: bool,
}

const fn taker(becomes: Becomes, index: usize) -> Taker {
    Taker { becomes, index, gives: false, by_position: false, is_plain: true }
}

const fn giver(becomes: Becomes, index: usize) -> Taker {
    Taker { becomes, index, gives: true, by_position: false, is_plain: true }
}

const fn doubtful(taker: Taker) -> Taker {
    Taker { is_plain: false, ..taker }
}

const fn keyed(taker: Taker) -> Taker {
    Taker { by_position: true, ..taker }
}

/// What is known about a function; `None` for any other. Functions that are imported without being asked have the
/// module `erlang`.
#[must_use]
pub fn known(module: &str, function: &str, arity: usize) -> Option<Taker> {
    use Becomes::{Code, Filter, Find, InOrder, Member, Replace, Store, Take, ToList};
    Some(match (module, function, arity) {
        ("lists", "keyfind", 3) => keyed(taker(Find, 2)),
        ("lists", "keytake", 3) => keyed(taker(Take, 2)),
        ("lists", "keymember", 3) => keyed(taker(Code("maps:is_key($0, $2)"), 2)),
        ("lists", "keydelete", 3) => keyed(giver(Code("maps:remove($0, $2)"), 2)),
        ("lists", "keystore", 4) => keyed(giver(Store, 2)),
        ("lists", "keyreplace", 4) => keyed(giver(Replace, 2)),
        ("lists", "keysearch", 3) => keyed(taker(ToList, 2)),
        ("lists", "member", 2) => taker(Member, 1),
        ("lists", "filter", 2) => giver(Filter, 1),
        ("lists", "all" | "any", 2) => taker(ToList, 1),
        ("lists", "foreach" | "map" | "filtermap" | "flatmap" | "partition", 2)
        | ("lists", "keysort", 2)
        | ("lists", "mapfoldl" | "mapfoldr", 3) => taker(InOrder, arity - 1),
        ("lists", "foldl" | "foldr", 3) => taker(InOrder, 2),
        ("lists", "sort" | "usort", 1) | ("dict" | "orddict" | "gb_trees", "from_list", 1) => taker(ToList, 0),
        ("lists", "unzip", 1) | ("uri_string", "compose_query", 1) => taker(InOrder, 0),
        ("proplists", "get_value", 2) => taker(Code("maps:get($0, $1, undefined)"), 1),
        ("proplists", "get_value", 3) => taker(Code("maps:get($0, $1, $2)"), 1),
        ("proplists", "is_defined", 2) => taker(Code("maps:is_key($0, $1)"), 1),
        ("proplists", "delete", 2) => giver(Code("maps:remove($0, $1)"), 1),
        ("proplists", "get_keys", 1) => taker(Code("maps:keys($0)"), 0),
        ("proplists", "lookup" | "get_all_values", 2) => taker(ToList, 1),
        ("maps", "from_list", 1) => doubtful(taker(Code("$0"), 0)),
        ("erlang", "length", 1) => taker(Code("map_size($0)"), 0),
        ("erlang", "is_list", 1) => doubtful(taker(Code("is_map($0)"), 0)),
        _ => return None,
    })
}

/// Whether a function gives a list, so that a map can be made of what it gives.
#[must_use]
pub fn gives_list(module: &str, function: &str) -> bool {
    const LISTS: [&str; 13] = [
        "append",
        "concat",
        "filter",
        "filtermap",
        "flatmap",
        "keysort",
        "map",
        "reverse",
        "sort",
        "ukeysort",
        "usort",
        "zip",
        "zipwith",
    ];
    matches!((module, function), ("proplists", "from_map" | "compact" | "unfold"))
        || (module == "lists" && LISTS.contains(&function))
}

/// For a function that is given a map: which argument it is, and whether such a map is what it gives.
#[must_use]
pub fn of_map(module: &str, function: &str, arity: usize) -> Option<(usize, bool)> {
    Some(match (module, function, arity) {
        ("erlang", "is_map" | "map_size", 1) | ("maps", "to_list" | "keys" | "values" | "size", 1) => (0, false),
        ("erlang", "is_map_key", 2) | ("maps", "get" | "find" | "is_key", 2) | ("maps", "get" | "take", _) => {
            (1, false)
        }
        ("maps", "fold", 3) => (2, false),
        ("maps", "foreach", 2) => (1, false),
        ("maps", "remove" | "without" | "with" | "filter" | "map", 2) => (1, true),
        ("maps", "put" | "update", 3) => (2, true),
        ("maps", "update_with", 3) => (2, true),
        _ => return None,
    })
}
