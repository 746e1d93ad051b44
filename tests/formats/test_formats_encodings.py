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


def test_accents_alone():
    """A word that is nearly all accents is still Western, and bytes that are no text are not refused."""
    assert decode_text("Été à Orléans: ça y est".encode("cp1252")).text == "Été à Orléans: ça y est"
    assert decode_text(bytes(range(128, 256))).encoding == "cp1252"
