"""Words for titles in English, Portuguese and Spanish: nouns, adjectives, invented places, synopses by genre."""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("en", "pt", "es")


class Noun(NamedTuple):
    """A noun; in Portuguese and Spanish with its article."""

    en: str
    pt: str
    es: str


class Adjective(NamedTuple):
    """An adjective; in Portuguese and Spanish masculine and feminine, where they differ joined by a slash."""

    en: str
    pt: str
    es: str


def _table(text: str) -> list[list[str]]:
    return [line.strip().split(", ") for line in text.strip().splitlines()]


NOUNS = tuple(
    Noun(*row)
    for row in _table("""
    Harbour, O Porto, El Puerto
    River, O Rio, El Río
    Night, A Noite, La Noche
    Garden, O Jardim, El Jardín
    House, A Casa, La Casa
    Road, A Estrada, La Carretera
    Island, A Ilha, La Isla
    Winter, O Inverno, El Invierno
    Letter, A Carta, La Carta
    Mirror, O Espelho, El Espejo
    Kingdom, O Reino, El Reino
    Forest, A Floresta, El Bosque
    City, A Cidade, La Ciudad
    Summer, O Verão, El Verano
    Orchard, O Pomar, El Huerto
    Signal, O Sinal, La Señal
    Bridge, A Ponte, El Puente
    Tide, A Maré, La Marea
    Storm, A Tempestade, La Tormenta
    Shadow, A Sombra, La Sombra
    Desert, O Deserto, El Desierto
    Valley, O Vale, El Valle
    Crown, A Coroa, La Corona
    Promise, A Promessa, La Promesa
    Witness, A Testemunha, El Testigo
    Guest, O Hóspede, El Huésped
    Choir, O Coro, El Coro
    Lantern, A Lanterna, El Farol
    Planet, O Planeta, El Planeta
    Engine, O Motor, El Motor
    Circus, O Circo, El Circo
    Border, A Fronteira, La Frontera
    """)
)
ADJECTIVES = tuple(
    Adjective(*row)
    for row in _table("""
    Silent, Silencioso/Silenciosa, Silencioso/Silenciosa
    Golden, Dourado/Dourada, Dorado/Dorada
    Broken, Quebrado/Quebrada, Roto/Rota
    Hidden, Escondido/Escondida, Escondido/Escondida
    Northern, do Norte, del Norte
    Red, Vermelho/Vermelha, Rojo/Roja
    Slow, Lento/Lenta, Lento/Lenta
    Wild, Selvagem, Salvaje
    Distant, Distante, Lejano/Lejana
    Burning, em Chamas, en Llamas
    Forgotten, Esquecido/Esquecida, Olvidado/Olvidada
    Quiet, Tranquilo/Tranquila, Tranquilo/Tranquila
    White, Branco/Branca, Blanco/Blanca
    Endless, sem Fim, sin Fin
    Borrowed, Emprestado/Emprestada, Prestado/Prestada
    Blue, Azul, Azul
    Strange, Estranho/Estranha, Extraño/Extraña
    Lost, Perdido/Perdida, Perdido/Perdida
    Honest, Honesto/Honesta, Honesto/Honesta
    Frozen, Congelado/Congelada, Helado/Helada
    Perfect, Perfeito/Perfeita, Perfecto/Perfecta
    Invisible, Invisível, Invisible
    """)
)
FIRST = (
    "Ka",
    "Tan",
    "Zor",
    "Mel",
    "Vi",
    "Or",
    "Sa",
    "Bel",
    "Du",
    "Ny",
    "Lo",
    "Ar",
    "Fen",
    "Cal",
    "Ri",
    "Thel",
    "Ul",
    "Pa",
)
LAST = (
    "voris",
    "dor",
    "fen",
    "mara",
    "lune",
    "stad",
    "vane",
    "qui",
    "rath",
    "sol",
    "mere",
    "tova",
    "nis",
    "gard",
    "lia",
    "kem",
)

SYNOPSES = {
    "Drama": (
        (
            "Three sisters return to {place} for one summer, and none of them leaves as she came.",
            "Três irmãs voltam a {place} por um verão, e nenhuma vai embora como chegou.",
            "Tres hermanas vuelven a {place} un verano, y ninguna se va como llegó.",
        ),
        (
            "A teacher in {place} finds the letters that her family never spoke of.",
            "Uma professora de {place} encontra as cartas de que a família nunca falou.",
            "Una maestra de {place} encuentra las cartas de las que su familia nunca habló.",
        ),
    ),
    "Comedy": (
        (
            "The worst choir of {place} is invited to sing for the queen.",
            "O pior coro de {place} é convidado a cantar para a rainha.",
            "El peor coro de {place} es invitado a cantar para la reina.",
        ),
        (
            "Two rivals inherit the same small hotel in {place}, and must run it for a year.",
            "Dois rivais herdam o mesmo hotelzinho em {place} e precisam tocá-lo por um ano.",
            "Dos rivales heredan el mismo hotelito en {place} y deben llevarlo durante un año.",
        ),
    ),
    "Action": (
        (
            "A retired driver has one night to cross {place} with a passenger whom everyone wants.",
            "Um motorista aposentado tem uma noite para cruzar {place} com um passageiro que todos querem.",
            "Un conductor retirado tiene una noche para cruzar {place} con un pasajero al que todos buscan.",
        ),
        (
            "When the last train leaves {place}, only one engineer knows that it cannot stop.",
            "Quando o último trem sai de {place}, só uma engenheira sabe que ele não pode parar.",
            "Cuando el último tren sale de {place}, solo una ingeniera sabe que no puede parar.",
        ),
    ),
    "Thriller": (
        (
            "A witness vanishes in {place}, and the detective finds her own name in the file.",
            "Uma testemunha some em {place}, e a detetive encontra o próprio nome no arquivo.",
            "Una testigo desaparece en {place}, y la detective encuentra su propio nombre en el expediente.",
        ),
        (
            "Every night at four, the same call comes from an empty house in {place}.",
            "Toda noite, às quatro, a mesma ligação chega de uma casa vazia em {place}.",
            "Cada noche a las cuatro llega la misma llamada de una casa vacía en {place}.",
        ),
    ),
    "Romance": (
        (
            "She writes letters for others in {place}, until someone answers her.",
            "Ela escreve cartas para os outros em {place}, até que alguém responde a ela.",
            "Ella escribe cartas para otros en {place}, hasta que alguien le contesta a ella.",
        ),
        (
            "Two strangers share a table in {place} on the same day, ten years in a row.",
            "Dois desconhecidos dividem uma mesa em {place} no mesmo dia, dez anos seguidos.",
            "Dos desconocidos comparten mesa en {place} el mismo día, diez años seguidos.",
        ),
    ),
    "Documentary": (
        (
            "Four seasons with the people who keep the lights of {place} burning.",
            "Quatro estações com quem mantém acesas as luzes de {place}.",
            "Cuatro estaciones con quienes mantienen encendidas las luces de {place}.",
        ),
        (
            "How a river came back to {place}, told by those who waited for it.",
            "Como um rio voltou a {place}, contado por quem esperou por ele.",
            "Cómo un río volvió a {place}, contado por quienes lo esperaron.",
        ),
    ),
    "Sci-Fi": (
        (
            "The first children born on {place} have never seen rain. Then it rains.",
            "As primeiras crianças nascidas em {place} nunca viram chuva. Então chove.",
            "Los primeros niños nacidos en {place} nunca han visto llover. Entonces llueve.",
        ),
        (
            "A message from {place} arrives two hundred years before it was sent.",
            "Uma mensagem de {place} chega duzentos anos antes de ser enviada.",
            "Un mensaje de {place} llega doscientos años antes de ser enviado.",
        ),
    ),
    "Family": (
        (
            "A shy bear and a loud bird set off from {place} to find the sea.",
            "Um urso tímido e um pássaro barulhento saem de {place} em busca do mar.",
            "Un oso tímido y un pájaro ruidoso salen de {place} en busca del mar.",
        ),
        (
            "The toys of {place} have one night to get the carousel turning again.",
            "Os brinquedos de {place} têm uma noite para fazer o carrossel girar de novo.",
            "Los juguetes de {place} tienen una noche para que el carrusel vuelva a girar.",
        ),
    ),
}
