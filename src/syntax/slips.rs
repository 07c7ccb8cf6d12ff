//! How much of a form cannot be code, as far as its tokens show it.
//!
//! Where the grammar meets an error it goes back over all that it has read of the form, to find out what could be meant. In code
//! with a slip or two that is what makes its trees useful. In what is no code, each word is an error, and the time grows with the square of
//! its length; the parser does not count it among its steps, so it is counted here before.

use super::MAX_NESTING;
use super::scan::{Token, Tokens};

/// What there is for each token of a form: tokens that stand before slips, once for each slip. So six slips are few enough in any form.
/// Of 281,000 forms in Erlang's own libraries, MongooseIM and others none takes more than a sixth of that; when a token is lost, 17 are beyond it, and
/// when two are lost, 101.
const FOR_EACH_TOKEN: usize = 6;

/// Quotes that follow a string may begin one of three quotes, whose end the grammar looks for in all of the rest, each time anew. To look at so
/// many bytes costs as much as a token before a slip.
const BYTES_FOR_TOKEN: usize = 16;

/// So many records or maps in a row are written by somebody: `X#a.b#c.d`. What the grammar does with longer rows takes more than their length.
const LONGEST_ROW: usize = 16;

/// Whether there is too much in a form that cannot be code.
#[must_use]
pub fn are_too_many(form: &str) -> bool {
    let mut reader = Reader::default();
    let (mut count, mut cost) = (0, 0);
    let mut words = Words::of(form);
    while let Some(word) = words.next() {
        count += 1;
        if reader.is_slip(word) {
            cost += count;
        }
        if word == Word::String && form.as_bytes().get(words.end) == Some(&b'"') {
            cost += (form.len() - words.end) / BYTES_FOR_TOKEN;
        }
    }
    cost > FOR_EACH_TOKEN * count
}

/// What a token is to those beside it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Word {
    /// A value that is written out, or a name.
    Operand,
    /// Strings may stand side by side.
    String,
    /// What begins a block.
    Block,
    /// An operator on its own, behind a value a part of what `try` begins.
    Catch,
    /// What begins a function without a name, a type of functions, or the name of a function.
    Fun,
    End,
    /// An operator, a separator or a keyword that has something on both sides.
    Between,
    /// The same, between the two parts of a field of a map or record.
    Arrow,
    /// The same, between what a comprehension makes and what it makes that of.
    Bars,
    /// An operator that may have something on its right alone.
    Before,
    /// A bracket that opens, `<<` as `<`.
    Open(u8),
    /// A bracket that closes, by the one that it belongs to.
    Close(u8),
    /// A comma or semicolon.
    Comma,
    /// The sign before records and maps.
    Hash,
    /// The sign before macros, which can mean anything.
    Question,
    /// What tells nothing: other keywords and signs.
    #[default]
    Other,
}

impl Word {
    /// Whether a value can end here.
    fn ends(self) -> bool {
        matches!(self, Self::Operand | Self::End | Self::Close(_))
    }

    /// The same, strings included.
    fn ends_or_is_string(self) -> bool {
        self.ends() || self == Self::String
    }

    /// Whether nothing but a value can follow.
    fn needs_value(self) -> bool {
        matches!(
            self,
            Self::Between | Self::Arrow | Self::Bars | Self::Before | Self::Open(_) | Self::Comma | Self::Hash
        )
    }
}

/// The words of a form: its tokens, with signs that belong together as one.
struct Words<'a> {
    form: &'a str,
    tokens: Tokens<'a>,
    /// Where the last token ends.
    end: usize,
}

/// Signs of several characters, longer ones first.
const SIGNS: [(&str, Word); 21] = [
    ("=:=", Word::Between),
    ("=/=", Word::Between),
    ("...", Word::Operand),
    ("->", Word::Between),
    ("<-", Word::Between),
    ("<=", Word::Between),
    ("=>", Word::Arrow),
    ("=<", Word::Between),
    (">=", Word::Between),
    ("==", Word::Between),
    ("/=", Word::Between),
    ("::", Word::Arrow),
    (":=", Word::Arrow),
    ("||", Word::Bars),
    ("++", Word::Between),
    ("--", Word::Between),
    ("?=", Word::Between),
    ("..", Word::Between),
    ("??", Word::Question),
    ("<<", Word::Open(b'<')),
    (">>", Word::Close(b'<')),
];

impl<'a> Words<'a> {
    fn of(form: &'a str) -> Self {
        Self { form, tokens: Tokens::new(form, 0), end: 0 }
    }

    fn sign(&mut self, byte: u8, at: usize) -> Word {
        let rest = self.form.get(at..).unwrap_or_default();
        if let Some((sign, word)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            // Each of its characters is a token.
            for _ in 1..sign.len() {
                self.tokens.next();
            }
            return *word;
        }
        match byte {
            b'(' | b'[' | b'{' => Word::Open(byte),
            b')' => Word::Close(b'('),
            b']' => Word::Close(b'['),
            b'}' => Word::Close(b'{'),
            b',' | b';' => Word::Comma,
            b'+' | b'-' => Word::Before,
            b'=' => Word::Arrow,
            b':' | b'*' | b'/' | b'!' | b'<' | b'>' | b'|' => Word::Between,
            b'#' => Word::Hash,
            b'?' => Word::Question,
            _ => Word::Other,
        }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let (token, span) = self.tokens.next()?;
        self.end = span.range().end;
        Some(match token {
            Token::Var | Token::Number | Token::Char => Word::Operand,
            Token::String => Word::String,
            Token::Punct(byte) => self.sign(byte, span.start as usize),
            Token::Atom => match self.form.get(span.range()).unwrap_or_default() {
                "case" | "if" | "begin" | "receive" | "try" | "maybe" => Word::Block,
                "end" => Word::End,
                "andalso" | "orelse" | "and" | "or" | "xor" | "div" | "rem" | "band" | "bor" | "bxor" | "bsl"
                | "bsr" | "of" | "when" => Word::Between,
                "fun" => Word::Fun,
                "catch" => Word::Catch,
                "not" | "bnot" | "after" | "else" => Word::Other,
                _ => Word::Operand,
            },
        })
    }
}

/// What has begun and not ended yet.
#[derive(Clone, Copy)]
struct Open {
    /// A bracket, `e` for what `end` ends, or `f` for what it may end.
    what: u8,
    /// What was read in what is around it.
    around: Inside,
}

/// What was read in the innermost of what is open.
#[derive(Clone, Copy, Default)]
struct Inside {
    /// It is a map or record, whose fields have two parts each.
    has_fields: bool,
    /// The field has come to its second part.
    is_second: bool,
    /// How many records and maps stand in a row, each made of the one before.
    row: usize,
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    inside: Inside,
    before: Word,
    /// The word before that.
    earlier: Word,
    /// The word before is the name of a macro.
    is_macro: bool,
    /// Behind the sign of a record stands the name of a macro, perhaps the word before.
    is_record: bool,
}

impl Reader {
    /// Takes the next word. Whether it cannot stand where it does.
    fn is_slip(&mut self, word: Word) -> bool {
        let before = self.before;
        let side_by_side = match word {
            Word::Between | Word::Arrow | Word::Bars => before.needs_value(),
            Word::Comma => before.needs_value() || self.is_half_a_field(),
            Word::Close(bracket) => match before {
                Word::Open(open) => open != bracket,
                _ => before.needs_value() || bracket == b'{' && self.is_half_a_field(),
            },
            // The brace behind a name is that of a record, which has names in it.
            Word::Hash if before == Word::Open(b'{') => self.earlier == Word::Operand,
            Word::Hash => before == Word::Hash || before.ends() && self.inside.row > LONGEST_ROW,
            Word::Catch => before.ends() && !self.is_macro && !self.near().iter().any(|it| it.what == b'e'),
            Word::Operand | Word::Block | Word::Open(b'[' | b'<') => before.ends_or_is_string() && !self.is_macro,
            // Behind the name of a record are its fields.
            Word::Open(b'{') => {
                before.ends_or_is_string() && self.earlier != Word::Hash && !(self.is_macro && self.is_record)
            }
            Word::String => before.ends() && !self.is_macro,
            _ => false,
        };
        self.is_macro = before == Word::Question;
        match word {
            Word::Question => self.is_record = before == Word::Hash,
            Word::Hash => self.inside.row += 1,
            Word::Comma | Word::Between | Word::Arrow | Word::Bars | Word::Before | Word::Block | Word::End => {
                self.inside.row = 0
            }
            _ => {}
        }
        match word {
            Word::Arrow => self.inside.is_second = true,
            Word::Comma => self.inside.is_second = false,
            Word::Bars => self.inside.has_fields = false,
            _ => {}
        }
        let nests_well = self.nest(word);
        (self.earlier, self.before) = (before, word);
        side_by_side || !nests_well
    }

    /// Whether a field of a map or record, which ends, has one part alone.
    fn is_half_a_field(&self) -> bool {
        self.inside.has_fields && !self.inside.is_second
    }

    /// Whether a bracket or block that ends had begun.
    fn nest(&mut self, word: Word) -> bool {
        let closing = match word {
            Word::Open(bracket) => {
                let is_behind =
                    |sign: Word| self.before == sign || self.earlier == sign && self.before == Word::Operand;
                let has_fields = bracket == b'{' && is_behind(Word::Hash);
                if bracket == b'(' && is_behind(Word::Fun) {
                    self.begin(b'f', false);
                }
                self.begin(bracket, has_fields);
                return true;
            }
            Word::Block => {
                self.begin(b'e', false);
                return true;
            }
            Word::Close(bracket) => bracket,
            Word::End => b'e',
            _ => return true,
        };
        let is_it = |open: &Open| open.what == closing || closing == b'e' && open.what == b'f';
        // The type of a function has no end of its own.
        while closing != b'e' && self.open.last().is_some_and(|it| it.what == b'f') {
            self.open.pop();
        }
        // What was left open inside, or else this one is too much.
        let near = self.near();
        let inside = near.iter().rposition(is_it).map_or(1, |at| near.len() - at);
        let nests_well = inside == 1 && near.last().is_some_and(is_it);
        let left = self.open.len().saturating_sub(inside);
        self.inside = self.open.get(left).map_or_else(Inside::default, |it| it.around);
        self.open.truncate(left);
        nests_well
    }

    fn begin(&mut self, what: u8, has_fields: bool) {
        self.open.push(Open { what, around: self.inside });
        self.inside = Inside { has_fields, ..Inside::default() };
    }

    /// What is open, as far out as forms nest: further out nobody has to look.
    fn near(&self) -> &[Open] {
        &self.open[self.open.len().saturating_sub(2 * MAX_NESTING)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many words cannot stand where they do.
    fn slips(code: &str) -> usize {
        let mut reader = Reader::default();
        Words::of(code).filter(|&word| reader.is_slip(word)).count()
    }

    #[test]
    fn code_has_none() {
        for code in [
            "f(X, #{a := Y}) when is_map(X), Y =:= 1; X == 2 -> case X of a -> b; _ -> fun g/2 end.",
            "f() -> try g(), h() of x -> ?LOG_INFO(#{a => b}) catch C:R:S when C =/= exit -> {C, R, S} after ok end.",
            "f() -> fun(X) -> X; (_) -> fun F() -> F() end end.",
            "f() -> [X || {X, _} <- L, not X, X andalso true] ++ << <<A:8/little, $,>> || <<A>> <= B >> -- [].",
            "f() -> \"a\" \"b\" ?NAME \"c\", ?OTHER x ?THIRD, #r{a = 1}, X#r.a, -1, - -X, P ! {a, \"}\"}, catch x.",
            "-spec(f(#{a := [x], _ => _}, fun((...) -> ok)) -> <<_:8, _:_*8>> | 1..2 when X :: a:b()).",
            "-define(M(X), begin X end).",
            "f(X) -> X < 1 andalso X > - 2, {X == 1, X >= 3, X =< 4, X /= 5, X =/= 6}, - + X, << <<>> || _ <- [] >>.",
            "f() -> receive a -> maybe {ok, X} ?= g(), X else _ -> 1 end after 5 -> if true -> #{} end end.",
            "f($\\377, $\\x41, $\\n, $\\x{1f4a9}, $\\^A, $\\\\, $ , $') -> ok.",
            "f() -> {#r{a = #s{}}, #{#r{} => #{}}, [#r{}], #{a := {#{}}}}.",
            "f() -> #{K => V || K := V <- M, is_x(K), not y}, #r{_ = x, b = c}, #{}, #r{}.",
            "f() -> try x catch _ -> catch y, ?CATCH catch z end.",
            "f() -> g(fun(X) -> (X) end, fun F(1) -> F(0) end, [fun g/1, fun m:f/2, fun ?MODULE:f/3]).",
            "-spec(f(fun(() -> a), [fun((b) -> c)]) -> fun((...) -> fun())).",
        ] {
            assert_eq!(slips(code), 0, "{code}");
        }
    }

    #[test]
    fn words_that_cannot_stand_where_they_do() {
        for (code, count) in [
            ("f() -> a: , b", 1),
            ("f(x)) -> a", 1),
            ("[a}", 1),
            ("f() -> a b, C d 1", 3),
            ("f(,) -> x, ; y = )", 4),
            ("f() -> x end y, case z, case", 2),
            ("f() -> {case x of (y -> [z end}", 1),
            ("f() -> catch _ -> x end catch _ -> x end", 3),
            ("f() -> fun() -> x end end", 1),
            ("f() -> {} {a} {}, #r{} {}, X#r{}", 3),
            ("f() -> ?M {}, #?M{}, #?M {} {}", 2),
            ("f() -> #r{#r{#r{", 2),
            ("f() -> #{a => 1, ok, ok, B => 2, ok}, #r{a = {b, c}, d}, #{}, {ok, ok}", 4),
            ("f() -> \"a\" x \"b\" [] \"c\" {}, ?M \"d\" \"e\" ?N \"f\"", 5),
            ("when when, of of", 4),
            ("f() -> x - > - > y", 2),
            ("<< > << > <<", 2),
            ("x [a]][", 3),
        ] {
            assert_eq!(slips(code), count, "{code}");
        }
    }

    #[test]
    fn a_few_are_never_too_many() {
        let line = "    a:b(X, [c, d]),\n";
        let code = |slips: usize, lines: usize| {
            let slip = "    a: ,\n";
            format!("f(X) ->\n{}{}    ok.\n", line.repeat(lines), slip.repeat(slips))
        };
        for lines in [1, 100, 10_000] {
            assert!(!are_too_many(&code(0, lines)) && !are_too_many(&code(6, lines)), "{lines}");
        }
        assert!(are_too_many(&code(1_000, 1)) && are_too_many(&code(60, 10_000)));
    }

    #[test]
    fn records_stand_in_short_rows() {
        for record in ["#r{a = 1, b = {x, #s{}}}", "#r.a", "#{a => 1}"] {
            assert_eq!(slips(&format!("f() -> X{}", record.repeat(LONGEST_ROW))), 0, "{record}");
            assert_eq!(slips(&format!("f() -> X{}", record.repeat(LONGEST_ROW + 5))), 4, "{record}");
            assert_eq!(slips(&format!("f() -> {}X", format!("X{record}, ").repeat(100))), 0, "{record}");
        }
    }

    #[test]
    fn strings_that_never_end_are_few() {
        let line = "    x(\"a\", \"\", \"\"),\n";
        assert!(!are_too_many(&line.repeat(10_000)));
        let code = |triples: usize| format!("{}{}", "    x \"\"\"\n".repeat(triples), line.repeat(1000));
        assert!(!are_too_many(&code(2)) && are_too_many(&code(200)));
        assert!(are_too_many(&"\"".repeat(10_000)));
        assert!(!are_too_many(&"    x(\"\"\"\n    text\n    \"\"\"),\n".repeat(10_000)));
    }

    #[test]
    fn what_never_ends_is_looked_at_once() {
        // Each of them would be looked for in all that is open.
        assert!(are_too_many(&"( end ( ] ".repeat(50_000)));
    }
}
