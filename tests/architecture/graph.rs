//! Which source file names which other one, and the circles among them.
//!
//! A name leads to the file that defines it, also through `pub use`: a `mod.rs` that only declares and re-exports
//! is no part of a circle. Methods are not followed.

use crate::{code, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module is named as in code: `app::core::state`; the top is empty.
type Module = String;

/// The most files that may use each other in a circle.
const LARGEST_CIRCLE: usize = 3;

/// The sources below `src`, as path and text, without files of tests.
pub fn read() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    let named = files.iter().map(|file| {
        (file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), fs::read_to_string(file).unwrap())
    });
    named.filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/")).collect()
}

/// What one file imports, defines and names.
#[derive(Default)]
struct Source {
    /// Names that `use` brings in, with the paths they stand for.
    imports: BTreeMap<String, String>,
    /// The modules whose names all come in.
    globs: Vec<String>,
    definitions: BTreeSet<String>,
    /// Paths in the rest of the code.
    paths: BTreeSet<String>,
}

impl Source {
    fn of(text: &str) -> Self {
        let code = code(text);
        let mut source = Self::default();
        let mut rest = String::new();
        let mut left = code.as_str();
        while let Some(at) = next_use(left) {
            rest.push_str(left.get(..at).unwrap_or_default());
            let tail = left.get(at + 4..).unwrap_or_default();
            let end = tail.find(';').unwrap_or(tail.len());
            for (path, alias) in expand(&tail.get(..end).unwrap_or_default().replace('\n', " ")) {
                match path.strip_suffix("::*") {
                    Some(module) => source.globs.push(module.to_owned()),
                    None => {
                        let name =
                            alias.or_else(|| path.rsplit("::").next().map(str::to_owned)).unwrap_or_default();
                        source.imports.insert(name, path);
                    }
                }
            }
            left = tail.get(end..).unwrap_or_default();
        }
        rest.push_str(left);
        for word in ["struct", "enum", "trait", "type", "const", "static", "fn", "union", "macro_rules!"] {
            for (at, _) in rest.match_indices(&format!("{word} ")) {
                source
                    .definitions
                    .insert(identifier(rest.get(at + word.len() + 1..).unwrap_or_default()).to_owned());
            }
        }
        source.paths = paths(&rest);
        source
    }
}

/// Where the next `use` of a module begins: at the start of a line, perhaps after its visibility.
fn next_use(code: &str) -> Option<usize> {
    code.match_indices("use ").map(|(at, _)| at).find(|at| {
        let before = code.get(..*at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        line.is_empty() || line == "pub" || (line.starts_with("pub(") && line.ends_with(')'))
    })
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The paths of a `use` with their aliases: `a::{b as c, d::*}`.
fn expand(tree: &str) -> Vec<(String, Option<String>)> {
    let tree = tree.trim();
    let Some((prefix, group)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
        return vec![(path.trim().to_owned(), alias.map(|alias| alias.trim().to_owned()))];
    };
    let group = group.rsplit_once('}').map_or(group, |(inner, _)| inner);
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for c in group.chars() {
        match c {
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                part.push(c);
            }
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| expand(part));
    parts
        .map(|(path, alias)| match path.as_str() {
            "self" => (prefix.trim().trim_end_matches("::").to_owned(), alias),
            _ => (format!("{}{path}", prefix.trim()), alias),
        })
        .collect()
}

/// The paths of at least two parts in code.
fn paths(code: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !is_part(c)).map(|word| word.trim_matches(':'));
    let whole = words.filter(|word| word.contains("::") && !word.contains(":::"));
    whole.map(str::to_owned).collect()
}

/// The files and what each of them names.
pub struct Graph {
    edges: BTreeMap<Module, BTreeSet<Module>>,
}

impl Graph {
    /// The graph of these files, given as path below `src` and text.
    pub fn of(files: &[(String, String)]) -> Self {
        let sources: BTreeMap<Module, Source> =
            files.iter().map(|(path, text)| (module(path), Source::of(text))).collect();
        let tree = Tree { sources };
        let edges = tree.sources.keys().map(|module| (module.clone(), tree.named_by(module))).collect();
        Self { edges }
    }

    /// Each file with one that it names.
    pub fn edges(&self) -> impl Iterator<Item = (&Module, &Module)> {
        self.edges.iter().flat_map(|(from, named)| named.iter().map(move |to| (from, to)))
    }

    fn reached_from(&self, start: &Module) -> BTreeSet<&Module> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(module) = open.pop() {
            for next in self.edges.get(module).into_iter().flatten() {
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    }

    /// The groups of files that reach each other.
    fn circles(&self) -> Vec<BTreeSet<&Module>> {
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            self.edges.keys().map(|module| (module, self.reached_from(module))).collect();
        let mut circles: Vec<BTreeSet<&Module>> = Vec::new();
        for (module, others) in &reached {
            if others.contains(module) && !circles.iter().any(|circle| circle.contains(module)) {
                let back = |other: &&&Module| reached.get(**other).is_some_and(|back| back.contains(module));
                circles.push(others.iter().filter(back).copied().collect());
            }
        }
        circles
    }

    /// The circles that are too large or lead through several rooms.
    fn faults(&self) -> Vec<String> {
        let room = |module: &Module| module.split("::").next().unwrap_or_default().to_owned();
        let wrong = self.circles().into_iter().filter(|circle| {
            let rooms: BTreeSet<String> = circle.iter().map(|module| room(module)).collect();
            circle.len() > LARGEST_CIRCLE || rooms.len() > 1
        });
        wrong
            .map(|circle| {
                let files: Vec<&str> = circle.iter().map(|module| module.as_str()).collect();
                format!("a circle of {} files: {}", files.len(), files.join(", "))
            })
            .collect()
    }
}

/// The module of a file: `app/core/mod.rs` is `app::core`, `lib.rs` the top.
fn module(path: &str) -> Module {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { String::new() } else { path.replace('/', "::") }
}

struct Tree {
    sources: BTreeMap<Module, Source>,
}

impl Tree {
    fn named_by(&self, module: &Module) -> BTreeSet<Module> {
        let Some(source) = self.sources.get(module) else { return BTreeSet::new() };
        let mut named = BTreeSet::new();
        for path in source.imports.values().chain(&source.paths) {
            named.extend(self.absolute(module, path, 0).and_then(|path| self.definer(&path, 0)));
        }
        for glob in &source.globs {
            named.extend(self.absolute(module, glob, 0).filter(|path| self.sources.contains_key(path)));
        }
        named.remove(module);
        named
    }

    /// A path that is written in a module, from the top; `None` where it leads out of the crate.
    fn absolute(&self, module: &str, path: &str, depth: usize) -> Option<String> {
        let (first, rest) = path.split_once("::").map_or((path, None), |(first, rest)| (first, Some(rest)));
        let join = |base: &str| {
            let parts = [Some(base), rest].into_iter().flatten().filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join("::")
        };
        match first {
            "crate" | "deskline" => Some(join("")),
            "self" => Some(join(module)),
            "super" => {
                let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
                match rest {
                    Some(rest) if rest.starts_with("super") => self.absolute(parent, rest, depth),
                    _ => Some(join(parent)),
                }
            }
            _ => {
                let child = if module.is_empty() { first.to_owned() } else { format!("{module}::{first}") };
                if self.sources.contains_key(&child) {
                    return Some(join(&child));
                }
                let import = self.sources.get(module)?.imports.get(first).filter(|_| depth < 8)?;
                (import != path)
                    .then(|| self.absolute(module, import, depth + 1))
                    .flatten()
                    .map(|base| join(&base))
            }
        }
    }

    /// The module whose file defines what a path from the top names; `None` for a module itself.
    fn definer(&self, path: &str, depth: usize) -> Option<Module> {
        if depth > 8 {
            return None;
        }
        let parts: Vec<&str> = path.split("::").collect();
        let known = |count: &usize| {
            parts.get(..*count).is_some_and(|head| self.sources.contains_key(&head.join("::")))
        };
        let count = (1..=parts.len()).rev().find(known)?;
        let module = parts.get(..count)?.join("::");
        let name = parts.get(count)?;
        let source = self.sources.get(&module)?;
        if source.definitions.contains(*name) {
            return Some(module);
        }
        if let Some(import) = source.imports.get(*name) {
            return self.definer(&self.absolute(&module, import, 0)?, depth + 1);
        }
        for glob in &source.globs {
            let inside = self.absolute(&module, glob, 0).map(|glob| format!("{glob}::{name}"));
            if let Some(found) = inside.and_then(|path| self.defined_at(&path, depth + 1)) {
                return Some(found);
            }
        }
        Some(module)
    }

    /// As [`Self::definer`], but only where the name is really defined.
    fn defined_at(&self, path: &str, depth: usize) -> Option<Module> {
        let found = self.definer(path, depth)?;
        let name = path.rsplit("::").next()?;
        self.sources.get(&found)?.definitions.contains(name).then_some(found)
    }
}

#[test]
fn no_large_circle_of_files_and_none_across_rooms() {
    let files = read();
    assert!(files.len() > 100, "only {} sources were found", files.len());
    let graph = Graph::of(&files);
    assert!(graph.edges().count() > 500, "only {} names were followed", graph.edges().count());
    let faults = graph.faults();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn graph(files: &[(&str, &str)]) -> Graph {
    let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Graph::of(&files)
}

#[test]
fn a_circle_across_rooms_is_reported() {
    let graph = graph(&[
        ("text/mod.rs", "pub mod a;"),
        ("text/a.rs", "use crate::domain::b::B;\npub struct A;"),
        ("domain/mod.rs", "pub mod b;"),
        ("domain/b.rs", "pub struct B(crate::text::a::A);"),
    ]);
    assert_eq!(graph.faults(), ["a circle of 2 files: domain::b, text::a"]);
}

#[test]
fn a_circle_of_four_files_is_reported_through_exports_and_aliases() {
    let mut files = vec![
        ("ui/mod.rs", "pub mod a;\nmod b;\npub mod c;\npub mod d;\npub use b::{B as Renamed, other};"),
        ("ui/a.rs", "use super::Renamed;\npub struct A;"),
        ("ui/b.rs", "use crate::ui::c;\npub struct B(c::C);\npub fn other() {}"),
        ("ui/c.rs", "use crate::{ui::{d::{self, D as E}}};\npub struct C(E);"),
        ("ui/d.rs", "use super::a::*;\npub struct D(A);"),
    ];
    assert_eq!(graph(&files).faults(), ["a circle of 4 files: ui::a, ui::b, ui::c, ui::d"]);
    files.truncate(4);
    assert_eq!(graph(&files).faults(), [""; 0]);
}

#[test]
fn tests_and_comments_make_no_circle() {
    let graph = graph(&[
        ("text/mod.rs", "pub mod a;\npub mod b;"),
        ("text/a.rs", "use super::b::B;\npub struct A;"),
        (
            "text/b.rs",
            "// crate::text::a::A\npub struct B;\n#[cfg(test)]\nmod tests {\n    use crate::text::a::A;\n}",
        ),
    ]);
    assert_eq!(graph.edges().count(), 1);
    assert!(graph.circles().is_empty());
}
