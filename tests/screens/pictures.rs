//! The pictures of the documents: what the console draws, and nothing else.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use crate::desk::{Desk, agent, customer, entry, status, typing};
use deskline::proto::media::MessageDto;
use deskline::proto::wa;
use deskline::ui::dump::{self, Background};
use std::fs;

/// A shift that is going well.
fn shift(width: u16, height: u16) -> Desk {
    let mut desk = Desk::empty(width, height);
    desk.session(
        "s1",
        "Lucía Fernández",
        "34600000101",
        &[("Language", "es"), ("Order", "48213"), ("Segment", "Gold")],
    );
    desk.session("s2", "Noor de Vries", "31600000077", &[("Language", "nl")]);
    desk.session("s3", "", "15550100142", &[]);
    desk.says(
        "s1",
        &[
            customer(1, "Hola, ¿siguen abiertos?", 86_400),
            agent(2, "Sí, hasta las ocho.", 86_340),
            status(3, 2, "read", ""),
            customer(
                4,
                "Hola, mi pedido *no llega* y el enlace https://shop.example/p/48213 no funciona",
                1500,
            ),
            receipt(5, 1490),
            customer(6, "¿me ayudan?", 1480),
            agent(7, "Claro, lo reviso: pregunto en el almacén.", 1400),
            status(8, 7, "read", ""),
            reaction(9, 7, "🙏"),
            entry(10, "ParticipantJoined", "", ("Agent", "Ben", "ben"), 1300),
            aside(11, "salió ayer por la tarde, está en reparto", 1250),
            entry(12, "ParticipantLeft", "", ("Agent", "Ben", "ben"), 1200),
            agent(13, "Su pedido salió ayer y llega hoy entre las 16:00 y las 18:00.", 900),
            status(14, 13, "delivered", ""),
            agent(15, "Le mando el enlace nuevo.", 700),
            status(16, 15, "failed", "WhatsApp has trouble at the moment."),
            customer(17, "👍 gracias", 42),
        ],
    );
    desk.says(
        "s2",
        &[
            customer(1, "Hallo!", 4000),
            agent(2, "Goedemiddag", 3950),
            customer(3, "bedankt 🙏", 180),
            agent(4, "Graag gedaan", 170),
        ],
    );
    desk.says("s3", &[customer(1, "ok, and when?", 35)]);
    desk.offer("i1", "Karim Haddad", "212600000012", "Bonjour, ma facture est fausse", "Billing", 21_000);
    desk
}

fn receipt(index: u64, ago: i64) -> MessageDto {
    let mut dto = entry(index, "CustomNotice", "", ("Customer", "", "them"), ago);
    let pairs = [(wa::KIND, "media"), (wa::MEDIA_TYPE, "image"), (wa::MEDIA_NAME, "recibo.jpg")];
    dto.user_data = pairs.into_iter().collect();
    dto
}

fn reaction(index: u64, of: i64, emoji: &str) -> MessageDto {
    let mut dto = entry(index, "CustomNotice", emoji, ("Customer", "", "them"), 0);
    dto.user_data = [(wa::KIND, "reaction")].into_iter().collect();
    dto.user_data.set(wa::OF, of);
    dto
}

fn aside(index: u64, text: &str, ago: i64) -> MessageDto {
    let mut dto = entry(index, "Text", text, ("Agent", "Ben", "ben"), ago);
    dto.visibility = "Agent".into();
    dto
}

/// Compares a picture with the one in the documents. `BLESS=1` writes it.
fn compare(path: &str, desk: &Desk) {
    let screen = desk.draw();
    let picture = dump::svg(&screen.buffer, screen.cursor, Background::Dark);
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &picture).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == picture, "{path} is not what the console draws: BLESS=1 writes it again");
}

#[test]
fn the_wide_picture_is_what_the_console_draws() {
    let mut desk = shift(120, 32);
    desk.says("s1", &[typing(18)]);
    desk.types("Su pedido sale hoy");
    compare("docs/img/desk.svg", &desk);
}

#[test]
fn the_narrow_picture_is_what_the_console_draws() {
    let mut desk = shift(80, 24);
    desk.types("Su pedido sale hoy :rock");
    compare("docs/img/narrow.svg", &desk);
}

/// The first thing that a visitor of the repository sees.
#[test]
fn the_screen_in_the_readme_is_what_the_console_draws() {
    const BEGIN: &str = "```text\n";
    const END: &str = "```\n<!-- end of the screen -->";
    let mut desk = shift(100, 26);
    desk.types("Su pedido sale hoy");
    let drawn = dump::text(&desk.draw().buffer);
    let path = format!("{}/README.md", env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (kept, after) = rest.split_once(END).unwrap();
    if kept != drawn && std::env::var_os("BLESS").is_some() {
        return fs::write(&path, format!("{before}{BEGIN}{drawn}{END}{after}")).unwrap();
    }
    assert!(kept == drawn, "README.md does not show what the console draws: BLESS=1 writes it again");
}
