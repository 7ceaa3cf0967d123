//! The simulated customers and what they write. All of it is fictional.

/// An action of a customer in the chat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ChatAction {
    /// Writes.
    Text(&'static str),
    /// Writes, quoting the agent's last message.
    Quote(&'static str),
    /// Sends a file: kind, MIME type, file name, caption.
    File(&'static str, &'static str, &'static str, &'static str),
    /// Sends a voice message.
    Voice,
    /// Shares a location: name, address.
    Place(&'static str, &'static str),
    /// Shares a contact card: name, phone.
    Card(&'static str, &'static str),
    /// Reacts to the agent's last message.
    React(&'static str),
    /// Edits their own last message.
    Edit(&'static str),
    /// Deletes their own last message.
    Revoke,
    /// Starts a poll, which WhatsApp does not pass on.
    Poll,
    /// Presses a button.
    Button(&'static str),
    /// Waits, in seconds.
    Pause(u64),
}

/// Which delivery statuses the customer's phone reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receipts {
    /// Sent, delivered, read.
    All,
    /// Sent and delivered: the customer has turned read receipts off.
    NoRead,
    /// Only sent: the phone is off, or the customer has blocked the number.
    OnlySent,
}

/// A customer.
#[derive(Clone, Copy, Debug)]
pub(super) struct CustomerProfile {
    /// Profile name.
    pub name: &'static str,
    /// Number, or business-scoped user id where WhatsApp withholds the number.
    pub address: &'static str,
    /// User name.
    pub username: Option<&'static str>,
    /// Their first actions.
    pub opening: &'static [ChatAction],
    /// Their answers to the agent's first, second, … turn. After the last one they leave.
    pub replies: &'static [&'static [ChatAction]],
    /// What they write when nobody answers. `None`: they leave.
    pub nudge: Option<&'static str>,
    pub receipts: Receipts,
}

use ChatAction::{Button, Card, Edit, File, Pause, Place, Poll, Quote, React, Revoke, Text, Voice};
use Receipts::{All, NoRead, OnlySent};

const fn person(
    name: &'static str,
    address: &'static str,
    opening: &'static [ChatAction],
    replies: &'static [&'static [ChatAction]],
    nudge: Option<&'static str>,
) -> CustomerProfile {
    CustomerProfile { name, address, username: None, opening, replies, nudge, receipts: All }
}

/// The customers. The numbers are from ranges that are reserved for fiction.
pub(super) const PROFILES: [CustomerProfile; 20] = [
    person(
        "Lucía Ferrer",
        "15550104101",
        &[Text("Hola, buenas tardes 👋"), Text("Compré una lámpara el lunes y llegó sin el cable")],
        &[
            &[Text("El pedido es el 48213")],
            &[Text("Perfecto"), Text("¿Y cuánto tardará en llegar?")],
            &[Text("Muchas gracias, muy amable 🙏"), React("❤️")],
        ],
        Some("¿Hola? ¿Hay alguien?"),
    ),
    person(
        "Étienne Marchand",
        "15550104102",
        &[Text("Bonjour, ma facture de novembre n’est pas la bonne : 84,90 € au lieu de 48,90 €.")],
        &[
            &[File("document", "application/pdf", "Facture été n°11.pdf", "La voici")],
            &[Quote("Oui, c’est bien ce contrat-là.")],
            &[Text("Très bien, merci et bonne journée !")],
        ],
        Some("Je suis toujours là…"),
    ),
    person(
        "Maya Whitlock",
        "15550104103",
        &[Text("hi"), Text("quick q"), Text("do you ship to islands??"), Text("like REALLY small ones 🏝️")],
        &[
            &[Place("North Ferry Pier", "Harbour Lane 3, Little Skerry")],
            &[Text("omg yes"), Text("ok ordering now"), React("🎉")],
        ],
        None,
    ),
    person(
        "سلمى الحداد",
        "15550104104",
        &[Text("مرحبا، أريد تغيير عنوان التوصيل من فضلك"), Text("رقم الطلب ORD-5521 (قبل الساعة 5)")],
        &[&[Text("العنوان الجديد: شارع الزيتون 14، الطابق 3")], &[Text("شكراً جزيلاً 🌷")]],
        Some("هل من أحد هنا؟"),
    ),
    person(
        "João Vasconcelos",
        "15550104105",
        &[Text("Oi! Meu cartão foi recusado duas vezes 😕")],
        &[
            &[File("image", "image/jpeg", "", "Olha a mensagem que aparece")],
            &[Text("Deu certo agora!"), Text("Valeu demais 🙌🏽")],
        ],
        Some("Oi, ainda estão aí?"),
    ),
    person(
        "Annegret Überschär",
        "15550104106",
        &[Text("Guten Tag, ich möchte meinen Termin am Donnerstag verschieben.")],
        &[
            &[Text("Freitag um 10:30 wäre schön"), Edit("Freitag um 11:30 wäre schön")],
            &[Text("Ja, das passt. Vielen Dank!")],
        ],
        Some("Bitte um kurze Rückmeldung"),
    ),
    person(
        "अनन्या देशपांडे",
        "15550104107",
        &[Text("नमस्ते 🙏 मेरा ऑर्डर अभी तक नहीं पहुँचा है।"), Text("क्या आप देख सकते हैं?")],
        &[&[Text("ऑर्डर नंबर ७७२१ है")], &[Text("ठीक है, धन्यवाद!"), React("👍🏾")]],
        Some("कृपया जवाब दीजिए"),
    ),
    person(
        "佐々木 美咲",
        "15550104108",
        &[Text("こんにちは。靴のサイズを交換したいのですが、可能でしょうか？")],
        &[
            &[Text("24.0cmから24.5cmへお願いします。"), File("image", "image/jpeg", "", "箱の写真です📦")],
            &[Text("ありがとうございます！助かりました😊")],
        ],
        Some("お返事お待ちしております。"),
    ),
    person(
        "Ciarán O'Dwyer",
        "15550104109",
        &[Voice],
        &[
            &[Text("ah sorry, hands were full. basically: can I pick it up in store?")],
            &[Text("grand, thanks a million")],
        ],
        None,
    ),
    CustomerProfile {
        username: Some("rosa.pinta"),
        ..person(
            "Rosa Pinta",
            "ES.4471902233815",
            &[
                Text("Hola! Os escribo por aquí porque no quiero dar mi teléfono 😅"),
                Text("¿Tenéis clases el sábado?"),
            ],
            &[&[Text("Genial, me apunto a la de las 11")], &[Text("¡Nos vemos! 🎨")]],
            Some("¿Seguís abiertos?"),
        )
    },
    CustomerProfile {
        receipts: NoRead,
        ..person(
            "Gabriel Osei",
            "15550104111",
            &[Text("Good morning. My internet has been down since 6 am."), Text("Router light is red 🔴")],
            &[
                &[Text("Done. Still red.")],
                &[Pause(20), Text("wait"), Text("it's green! 🟢"), React("👏🏿")],
                &[Text("Thank you, have a good one")],
            ],
            Some("Any update?"),
        )
    },
    person(
        "Noémie Tran",
        "15550104112",
        &[Text("Coucou ! Je cherche un cadeau pour mon papa 🎁"), Poll],
        &[
            &[Text("Il aime le jardin, le thé et… râler 😂")],
            &[React("😂"), Text("Parfait, je prends celui-là")],
        ],
        None,
    ),
    CustomerProfile {
        receipts: OnlySent,
        ..person(
            "Bram de Wit",
            "15550104113",
            &[Text("Hi, I want to cancel my subscription today please.")],
            &[],
            None,
        )
    },
    person(
        "ליאור ברק",
        "15550104114",
        &[Text("שלום, הגעתי לסניף והוא סגור. מתי פותחים?"), Place("הסניף המרכזי", "רחוב הדקל 8")],
        &[&[Text("אה, תודה! אחכה (עוד 20 דקות)")]],
        Some("?"),
    ),
    person(
        "Priya Raman",
        "15550104115",
        &[Text(
            "Hello, two questions:\n1. Is the blue one in stock?\n2. Can I return it if it doesn't fit?\n\n*Thanks!*",
        )],
        &[
            &[Quote("Great, and the return is free?"), Card("Dev Raman", "+1 555 010 4199")],
            &[Text("👨‍👩‍👧‍👦 the whole family says thanks")],
        ],
        Some("No rush, but is anyone there?"),
    ),
    person(
        "Tomás Quiroga",
        "15550104116",
        &[Button("Reclamo"), Text("Me cobraron dos veces el envío, 1.250,00 cada vez")],
        &[
            &[Text("Sí, con la tarjeta que termina en 07")],
            &[Text("mal escrito"), Revoke, Text("Quedo a la espera, gracias")],
        ],
        Some("¿Me pueden ayudar?"),
    ),
    person(
        "Helga Brandvold",
        "15550104117",
        &[Text("Hi! Is the workshop on the 3rd still happening? ❄️")],
        &[&[Pause(45), Text("Lovely. See you then!")]],
        None,
    ),
    person(
        "Kwabena",
        "15550104118",
        &[Text("👋🏿"), File("sticker", "image/webp", "", ""), Text("is this the place for spare parts")],
        &[
            &[File("image", "image/jpeg", "", "this one, the left hinge")],
            &[Text("how much")],
            &[Text("too much 😬"), Text("but ok"), Text("take my money")],
        ],
        Some("hello???"),
    ),
    person(
        "Françoise Lacombe-Dufour",
        "15550104119",
        &[Text(
            "Madame, Monsieur,\n\nJe n’ai toujours pas reçu de réponse à mon courrier du 4. Pourriez-vous me dire où en est mon dossier (réf. LD/2291) ?\n\nCordialement,\nF. Lacombe-Dufour",
        )],
        &[&[Text("Je vous remercie de votre diligence.")], &[Text("Bien à vous.")]],
        Some("Dois-je comprendre que personne ne lit ces messages ?"),
    ),
    person(
        "Zé 🐙",
        "15550104120",
        &[
            Text("e aí"),
            Text("vocês abrem hj?"),
            Text("kkkk esqueci o horário"),
            File("video", "video/mp4", "", "olha a fila 👀"),
        ],
        &[&[Text("boa"), Text("tô chegando 🏃🏽‍♂️💨"), React("🔥")]],
        None,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn customers_have_different_addresses_and_start_with_a_message() {
        let addresses: HashSet<&str> = PROFILES.iter().map(|person| person.address).collect();
        assert_eq!(addresses.len(), PROFILES.len());
        assert!(
            PROFILES
                .iter()
                .all(|person| !person.opening.is_empty() && !matches!(person.opening[0], Pause(_)))
        );
    }
}
