"""Text files of old programs are read in the encoding of their language."""

from __future__ import annotations

import pytest

from anyscribe.formats.encodings import decode_text

TEXTS = {
    "cp1251": "Дверь открыта. Дети ждут в саду, и никто не знает, когда вернётся старый садовник.",
    "cp1253": "Η πόρτα είναι ανοιχτή. Τα παιδιά περιμένουν στον κήπο και κανείς δεν ξέρει τι θα γίνει.",  # noqa: RUF001 - Greek letters
    "cp1255": "הדלת פתוחה. הילדים מחכים בגן ואף אחד לא יודע מתי יחזור הגנן הזקן.",
    "cp1256": "الباب مفتوح. الأطفال ينتظرون في الحديقة ولا أحد يعرف متى سيعود البستاني العجوز.",
    "cp874": "ประตูเปิดอยู่ เด็กๆ กำลังรออยู่ในสวน และไม่มีใครรู้ว่าคนสวนจะกลับมาเมื่อไร",
    "shift_jis": "ドアが開いています。子供たちは庭で待っていますが、庭師がいつ戻るのか誰も知りません。",
    "euc_jp": "ドアが開いています。子供たちは庭で待っていますが、庭師がいつ戻るのか誰も知りません。",
    "gb18030": "门是开着的。孩子们在花园里等着，没有人知道老园丁什么时候会回来。我们也不知道他去了哪里。",  # noqa: RUF001 - a Chinese comma
    "big5": "門是開著的。孩子們在花園裡等著，沒有人知道老園丁什麼時候會回來。我們也不知道他去了哪裡。",  # noqa: RUF001 - a Chinese comma
    "euc_kr": "문이 열려 있습니다. 아이들은 정원에서 기다리고 있고 정원사가 언제 돌아올지 아무도 모릅니다.",
    "cp1252": "Die Tür ist geöffnet. Les élèves étaient déjà là; ¿dónde está el señor? Não há ninguém.",
}


@pytest.mark.parametrize("encoding", TEXTS)
@pytest.mark.parametrize("is_subtitle", [True, False])
def test_old_encodings(encoding: str, is_subtitle: bool):  # noqa: FBT001 - a case
    """The language is told from its frequent letters, in a few sentences, also between the times of subtitles."""
    text = TEXTS[encoding]
    if is_subtitle:
        text = "".join(f"{at}\n00:00:0{at},000 --> 00:00:0{at},900\n{text}\n\n" for at in range(1, 4))
    decoded = decode_text(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(
    "text",
    [
        "Drzwi są otwarte, dzieci czekają w ogrodzie i nikt nie wie, kiedy wróci ogrodnik. Może później był głodny.",
        "Dveře jsou otevřené. Děti čekají na zahradě a nikdo neví, kdy se vrátí starý zahradník.",
        "Az ajtó nyitva van. A gyerekek a kertben várnak az őrült öreg kertészre, aki gyűlöli őket.",
        "Vrata su otvorena. Djeca čekaju u vrtu i nitko ne zna kada će se vratiti stari vrtlar, žalosno i teško.",
        "Uşa este deschisă. Copiii aşteaptă în grădină şi nimeni nu ştie când se întoarce.",
    ],
    ids=["pl", "cs", "hu", "hr", "ro"],
)
def test_central_europe(text: str):
    """Letters that no Western language has together tell the other code page with Latin letters."""
    assert decode_text(text.encode("cp1250")).text == text


@pytest.mark.parametrize(
    "text",
    [
        "Où étaient les élèves? Là-bas, près de l'œuvre; ça coûte 3 m³, dès lundi, naïf.",
        "Æblet er rødt, og bøgerne står på hylden.",
        "¿Dónde está el señor? ¡Aquí! El niño comió a las 3ª.",
        "Não há ninguém; os aviões estão às três. A questão é você.",
        "Lunedì verrà più tardi, però è così. La città è lì.",
        "Größe, Übung, Äpfel: „schön“. 5 m² kosten 20 €.",
        "Jõgi, öö, ülikool, täht; õpetaja.",
    ],
    ids=["fr", "da", "es", "pt", "it", "de", "et"],
)
def test_western_europe(text: str):
    """The languages that the usual code page was made for stay in it."""
    assert decode_text(text.encode("cp1252")).text == text


def test_accents_alone():
    """A word that is nearly all accents is still Western, and bytes that are no text are not refused."""
    assert decode_text("Été à Orléans: ça y est".encode("cp1252")).text == "Été à Orléans: ça y est"
    assert decode_text(bytes(range(128, 256))).encoding == "cp1252"
