"""Moodle's tables, in any of its languages: which column is which, by its heading or its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from nbexaminer.lms.dates import UnclearTimeError, moment
from nbexaminer.lms.tables import number_in
from nbexaminer.text import key_of

# From Moodle's language packs (assign, moodle, grades, assignfeedback_comments), today's and those
# of earlier releases; a heading that is not here is found by its place.
_HEADINGS = {
    "identifier": """
        Identifier | ID | Identifiant | Identificador | Identificativo |
        Número de identificação | Identificatie | Идентификатор | 标识符 | 识别码 |
        Tanımlayıcı | Identifierare | Ідентифікатор | Identifikatzailea | Identificator |
        Αναγνωριστικό | المُعرَّف | 식별자 | Identifikatorius
    """,
    "name": """
        Full name | User full name | Vollständiger Name | Nom complet |
        Nom complet de l’utilisateur | Nombre completo | Nombre completo del usuario | Nome |
        Nome completo dell'utente | Nome completo | Nome completo do utilizador |
        Volledige naam | Volledige naam van de gebruiker | Полное имя |
        Полное имя пользователя | 全名 | 用户全名 | フルネーム | ユーザフルネーム | Tam adı |
        Kullanıcının tam adı | Fullständigt namn | Hela namnet | Nom complet de l'usuari |
        Повна назва | Повне ім'я користувача | Izen osoa | Erabiltzailearen izen osoa |
        Nome completo do usuario | Nume complet | Numele complet al utilizatorului |
        Πλήρες όνομα | Πλήρες όνομα χρήστη | ًالاسم كاملا | 전체 이름 | 사용자 성명 |
        Visas pavadinimas | Visas naudotojo vardas | Nutzername (vollständig) | 名称 |
        Повне ім'я | Nume şi prenume | 이용자 성명 | Pilnas pavadinimas | Pełna nazwa |
        Celý název | Teljes név | A felhasználó teljes neve | Fulde navn | Fullt navn |
        Koko nimi | Celé meno | Polno ime | Puno ime | Пълно име | שם מלא | Pilnais nosaukums |
        Täisnimi | Kasutaja täisnimi | 名稱
    """,
    "first": """
        First name | Vorname | Prénom | Nombre | Nome | Voornaam | Имя | 名 | Adı | Förnamn |
        Nom | Ім'я | Izena | Prenume | Μικρό/Βαπτιστικό όνομα | Όνομα | الاسم الأول | 이름 |
        Vardas | Ad | Imię | Křestní jméno | Keresztnév | Fornavn | Etunimi | Krstné meno |
        Ime | Име | שם פרטי | Vārds | Eesnimi | 名字
    """,
    "last": """
        Last name | Surname | Nachname | Nom de famille | Nom | Apellido(s) | Cognome |
        Apelido | Achternaam | Фамилия | 姓 | Soyadı | Efternamn | Cognoms | Прізвище |
        Abizena(k) | Deitura | Apelidos | Nume de familie | Επίθετο | Επώνυμο | الاسم الأخير |
        성 | Pavardė | Apellido | Soyad | Nazwisko | Příjmení | Vezetéknév | Efternavn |
        Etternavn | Sukunimi | Sobrenome | Priezvisko | Priimek | Prezime | שם משפחה | Uzvārds |
        Perekonnanimi | 姓氏
    """,
    "email": """
        Email address | E-Mail-Adresse | Adresse de courriel | Dirección de correo |
        Indirizzo email | E-mail | Endereço de e-mail | E-mailadres | Адрес электронной почты |
        电子邮件地址 | Email地址 | メールアドレス | E-posta adresi | E-postadress |
        Adreça electrònica | Електронна пошта | Helbide elektronikoa | E-posta helbidea |
        Enderezo de correo | Adresa de e-mail | Διεύθυνση ηλε.ταχυδρομείου |
        Διεύθυνση ηλεκτρονικού ταχυδρομείου | عنوان البريد الإلكتروني | 이메일 주소 |
        El. pašto adresas | Endereço de correio electrónico | Correu electrònic |
        Enderezo de correo electrónico | Adresă Email | E-mailová adresa | E-mail cím |
        E-postadresse | Sähköpostiosoite | Naslov e-pošte | Email adresa | Адрес за е-поща |
        כתובת דואר אלקטרוני | E-pasta adrese | E-posti aadress | 電子郵件
    """,
    "id": """
        ID number | ID-Nummer | Numéro d’identification | Número de ID | Codice identificativo |
        Número de identificação (ID) | Código de identificação | Nummer (ID) |
        Индивидуальный номер | 学号 | IDナンバ | IDナンバー | ID numarası | Número ID |
        Індивідуальний номер | ID zenbakia | Număr ID | Αναγνωριστικός αριθμός |
        Αριθμός ταυτότητας | رقم المُعرَّف | رقم بطاقة التعريف | id 번호 | ID numeris |
        Numero ID | ID号码 | Número de identificación | Numer ID | ID | Azonosítószám |
        Tunnistenumero | Número de identificação | Číslo ID | Identifikacijska številka |
        ID broj | Идентификатор | מספר זיהוי | ID numurs | 識別號碼
    """,
    "username": """
        Username | Anmeldename | Nom d’utilisateur | Nombre de usuario | Nome de utilizador |
        Gebruikersnaam | Логин | 用户名 | ユーザ名 | Kullanıcı adı | Användarnamn |
        Nom d'usuari | Ім’я входу | Erabiltzaile-izena | Nome de usuario | Nume de utilizator |
        Όνομα χρήστη | اسم المستخدم | 사용자 아이디 | Naudotojo vardas | Логін | Utilizator |
        Vartotojo vardas | Nazwa użytkownika | Uživatelské jméno | Felhasználónév | Brugernavn |
        Brukernavn | Käyttäjätunnus | Nome de usuário | Používateľské meno | Uporabniško ime |
        Korisničko ime | Потребителско име | שם משתמש | Lietotājvārds | Kasutajanimi | 帳號
    """,
    "group": """
        Group | Gruppe | Groupe | Grupo | Gruppo | Groep | Группы | 小组 | 群组 | グループ |
        Grup | Grupp | Група | Taldea | Ομάδα | المجموعة | 그룹 | 모둠 | Grupė
    """,
    "grade": """
        Grade | Bewertung | Note | Calificación | Valutazione | Avaliação | Cijfer | Оценка |
        成绩 | 評点 | Not | Betyg | Qualificació | Оцінка | Kalifikazioa | Cualificación |
        Notă | Βαθμός | الدرجة | درجة | 성적 | Įvertinimas | Nota | 등급 | Ocena | Známka |
        Pont | Karakter | Arviointi | Ocjena | ציון | Vērtējums | Hinne | 成績
    """,
    "maximum": """
        Maximum grade | Bestwertung | Note maximale | Calificación máxima |
        Valutazione massima | Nota máxima | Maximaal cijfer | Максимальная оценка | 最高分 |
        最高成绩 | 最大評点 | Enyüksek not | Maxbetyg | Maximalt betyg | Qualificació màxima |
        Максимальна оцінка | Gehieneko kalifikazioa | Cualificación máxima | Notă maximă |
        Μέγιστος Βαθμός | أعلى تقدير | 최대 성적 | Didžiausias įvertinimas | Bestbewertung
    """,
    "scale": """
        Scale | Skala | Barème | Escala | Scala | Schaal | Шкала | 量表 | 評価尺度 | Ölçek |
        Eskala | Scală | Κλίμακα | المقياس | 척도 | Skalė
    """,
    "submitted": """
        Last modified (submission) | Zuletzt geändert (Abgabe) |
        Dernière modification (travail remis) | Última modificación (entrega) |
        Ultima modifica (consegna) | Última atualização (submissão) |
        Laatst gewijzigd (inzending) | Последнее изменение (ответ) | 上次修改（作业） |
        最后修改（学生） | 最終更新日時 (提出) | Son düzenleme (gönderim) |
        Senast modifierat (inlämning) | Darrera modificació (tramesa) |
        Востаннє змінювалося (здача) | Azken aldaketa (bidalketa) |
        Ultima modificare (a răspunsului) | Τελευταία τροποποιημένη (υποβολή) |
        Τελευταία Τροποποίηση (υποβολή) | آخر تعديل (التسليم) | 마지막 수정됨(제출) |
        Última modificação (envio) | Ostatnia modyfikacja (zadanie)
    """,
    "graded": """
        Last modified (grade) | Zuletzt geändert (Bewertung) | Dernière modification (note) |
        Última modificación (calificación) | Ultima modifica (valutazione) |
        Última atualização (avaliação) | Laatst gewijzigd (beoordeling) |
        Последнее изменение (оценка) | 上次修改（评分） | 最后修改（教师） |
        最終更新日時 (評定) | Son düzenleme (not) | Senast modifierat (betyg) |
        Darrera modificació (qualificació) | Востаннє змінювалося (оцінка) |
        Azken aldaketa (kalifikazioa) | Última modificación (cualificación) |
        Ultima modificare (nota) | Τελευταία τροποποίηση (βαθμολόγηση) | آخر تعديل (التقدير) |
        마지막 수정됨(성적) | Última modificação (nota) | Ostatnia modyfikacja (ocena)
    """,
    "comments": """
        Feedback comments | Feedback als Kommentar | Feedback par commentaires |
        Comentarios de retroalimentación | Commenti | Comentários de feedback |
        Feedback tekstvak | Feedback | Отзыв в виде комментария | 反馈意见 | 评语反馈 |
        フィードバックコメント | Geri bildirim yorumları | Återkopplingskommentarer |
        Återkoppling/kommentarer | Comentaris de retroacció. | Comentaris de la retroacció |
        Відгук - коментарем | Feedback-iruzkinak | Comentarios | Comentarii de feedback |
        Σχόλια ανατροφοδότησης | تعليقات الإفادة | 피드백 코멘트 | Grįžtamojo ryšio komentarai
    """,
    "real": """
        Real | Punkte | Brut | Punteggio | Reëel | Echt | Значение | 分数 | 実データ | Gerçek |
        Reell | Бали | Erreala | Πραγματικό | حقيقي | 실점수 | Tikrasis | Skutečná hodnota |
        Valós | Virkelig | Todellinen | Skutočná hodnota | Prave | אמיתי | Reāls skaitlis |
        真實的
    """,
    "other": """
        Percentage | Letter | Feedback | Prozentsatz | Note | Pourcentage | Lettre |
        Porcentaje | Letra | Percentuale | Percentagem | Porcentagem | Проценты | Буква |
        百分比 | 等第 | パーセンテージ | 文字 | Yüzde | Harf | Procent | Bokstav | Percentatge |
        Lletra | Відсоток | Procentaj | Literă | Ποσοστό | Γράμμα | 백분율 | 문자 | Procentai |
        Raidė | Százalék | Betű | Procentdel | Bogstav | Prosentandel | Prosenttia | Kirjain |
        Odstotek
    """,
}
HEADINGS: Mapping[str, frozenset[str]] = {
    name: frozenset(key_of(heading) for heading in text.split("|"))
    for name, text in _HEADINGS.items()
}
NO = frozenset((
    "no", "nein", "non", "nee", "não", "nie", "ne", "nē", "nem", "ei", "nei", "nej", "nu", "ez",
    "нет", "ні", "не", "όχι", "لا", "לא", "hayır", "否", "いいえ", "아니오", "아니요",
))  # fmt: skip
PEOPLE = ("name", "first", "last", "email", "id", "username")
PARTICIPANT = re.compile(r"(?P<words>\D+)(?P<number>\d+)")


def number_of(identifier: str) -> str:
    """Return the participant's number in an identifier of any language.

    Examples
    --------
    >>> number_of("Participant 7"), number_of("Teilnehmer/in4711"), number_of("12")
    ('7', '4711', '12')
    """
    return re.sub(r"^\D*", "", identifier).strip()


def people_in(header: Sequence[str], start: int = 0) -> dict[str, int]:
    """Return where the columns stand that say who somebody is; the first is at `start`.

    Examples
    --------
    >>> people_in(["Vorname", "Nachname", "ID-Nummer", "E-Mail-Adresse", "Aufgabe: Kanten"])
    {'first': 0, 'last': 1, 'email': 3, 'id': 2}
    """
    return {name: place + start for name, place in _known(header, PEOPLE).items()}


def worksheet_in(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return where the columns of an offline grading worksheet stand; nothing if it is none.

    Its order is the same in every language: identifier, name, further details of the person,
    status, group, grade, maximum, whether the grade can change, when it was handed in, when it was
    graded, comments. ``guessed`` is there, at the grade, where the headings say nothing.

    References
    ----------
    moodle, ``mod/assign/gradingtable.php``.
    """
    header, *body = rows
    found = _known(header, HEADINGS)
    kinds = {"maximum", "graded", "submitted", "scale"} & found.keys()
    if found.get("identifier") == 0 and "grade" in found:
        if found.get("id") == 0:
            del found["id"]
        return found if kinds or key_of(header[0]) == "identifier" else {}
    return _by_place(header, body, found)


def _known(header: Sequence[str], names: Sequence[str] | Mapping[str, object]) -> dict[str, int]:
    keys = [key_of(cell) for cell in header]
    places = {
        name: next((i for i, key in enumerate(keys) if key in HEADINGS[name]), -1) for name in names
    }
    return {name: place for name, place in places.items() if place >= 0}


def _by_place(
    header: Sequence[str], body: Sequence[Sequence[str]], found: Mapping[str, int]
) -> dict[str, int]:
    """Return the columns of a worksheet in an unknown language, by what stands in them."""
    columns = [[row[i].strip() if i < len(row) else "" for row in body] for i in range(len(header))]
    if len(columns) < 4 or not body or not _are_participants(columns[0]):
        return {}
    maxima = [i for i in range(2, len(columns)) if _is_maximum(columns[i], columns[i - 1])]
    if len(maxima) != 1:
        return {}
    top = maxima[0]
    after = range(top + 1, len(columns))
    named = {name: place for name, place in found.items() if name in (*PEOPLE, "group") and place}
    emails = [i for i in range(1, top - 1) if _are(columns[i], lambda cell: "@" in cell)]
    times = [i for i in after if _are(columns[i], _is_time)]
    return {
        **({"email": emails[0]} if emails else {}),
        **({"submitted": times[0]} if times else {}),
        "name": 1,
        **named,
        "identifier": 0,
        "grade": top - 1,
        "maximum": top,
        "guessed": top - 1,
    }


def _are_participants(cells: Sequence[str]) -> bool:
    found = [PARTICIPANT.fullmatch(cell) for cell in cells]
    return len({one["words"] if one else "" for one in found}) == 1 and all(found)


def _is_maximum(cells: Sequence[str], grades: Sequence[str]) -> bool:
    """Whether a column is the same number in every row, and the one before it at most that."""
    tops = {number_in(cell) for cell in cells}
    top = tops.pop() if len(tops) == 1 else None
    given = [number_in(cell) for cell in grades if cell not in ("", "-")]
    return bool(top) and all(one is not None and one <= (top or 0) for one in given)


def _are(cells: Sequence[str], holds: Callable[[str], bool]) -> bool:
    told = [cell for cell in cells if cell not in ("", "-")]
    return bool(told) and all(map(holds, told))


def _is_time(cell: str) -> bool:
    try:
        moment(cell, day_first=True)
    except UnclearTimeError:
        return False
    return bool(re.search(r"\d{4}", cell))


def is_no(cell: str) -> bool:
    """Whether a cell says no, in one of Moodle's languages.

    Examples
    --------
    >>> is_no("Nein"), is_no("Ja"), is_no("")
    (True, False, False)
    """
    return cell.strip().casefold() in NO


def titles_of(column: str) -> list[str]:
    """Return what an assignment may be called whose column this is, the whole heading first.

    Examples
    --------
    >>> titles_of("Aufgabe: Kanten (Punkte)")
    ['Aufgabe: Kanten (Punkte)', 'Aufgabe: Kanten', 'Kanten (Punkte)', 'Kanten']
    """
    short = re.sub(r"\s*[(（][^()（）]*[)）]\s*$", "", column)
    bare = [re.sub(r"^[^:：]+[:：]\s*", "", one) for one in (column, short)]
    return list(dict.fromkeys([column, short, *bare]))


def kind_of(column: str) -> str:
    """Return what a column of grades holds: ``points``, ``other``, or nothing if it does not say.

    Examples
    --------
    >>> kind_of("Assignment: Edges (Real)"), kind_of("Assignment: Edges (Percentage)")
    ('points', 'other')
    """
    found = re.search(r"[(（]([^()（）]*)[)）]\s*$", column)
    key = key_of(found[1]) if found else ""
    return "points" if key in HEADINGS["real"] else "other" if key in HEADINGS["other"] else ""
