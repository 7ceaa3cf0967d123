//! What text costs: a message as it arrives, a transcript's heights after a resize, a key in a long draft.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deskline::text::compose::Composer;
use deskline::text::{Clean, links, markup, wrap};

/// The longest text WhatsApp takes, in scripts of every width.
fn message() -> String {
    let unit = "Hello *Kate*, see https://shop.example/a?b=1 — नमस्ते, مرحبا, 日本語の長い文。 👩‍👩‍👧‍👦 e\u{301}\n";
    unit.chars().cycle().take(4096).collect()
}

fn text(c: &mut Criterion) {
    let raw = message();
    let clean = Clean::new(&raw);

    let mut group = c.benchmark_group("text");
    group.throughput(Throughput::Bytes(raw.len() as u64));
    group.bench_function("clean", |b| b.iter(|| Clean::new(black_box(&raw))));
    group.bench_function("markup", |b| b.iter(|| markup::parse(black_box(&clean))));
    group.bench_function("links", |b| b.iter(|| links::links(black_box(&clean))));
    group.bench_function("wrap", |b| b.iter(|| wrap::wrap(black_box(&clean), 60)));
    group.bench_function("height", |b| b.iter(|| wrap::height(black_box(&clean), 60)));
    group.finish();

    let mut composer = Composer::new();
    composer.paste(&raw);
    c.bench_function("text/type and lay out a long draft", |b| {
        b.iter(|| {
            composer.insert("x");
            composer.backspace();
            composer.layout(60, 8)
        });
    });
}

criterion_group!(benches, text);
criterion_main!(benches);
