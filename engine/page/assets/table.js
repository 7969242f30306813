// Draw tables that sort by a click on the name of a column.
"use strict"

const MANY_ROWS = 20
const sortings = new Map()
const filters = new Map()

// Return a table. `columns` are {name, value, show, about}; text columns have `isText`.
function table(id, columns, rows, total) {
  const body = element("tbody", {})
  const heads = columns.map((column, place) => {
    const button = element("button", { type: "button" }, column.name)
    button.addEventListener("click", () => {
      const before = sortings.get(id)
      const isUp = before && before.place === place ? !before.isUp : Boolean(column.isText)
      sortings.set(id, { place, isUp })
      arrange()
    })
    const about = column.about || WORDS.get(column.name)
    return element("th", { scope: "col", class: column.isText && "text", title: about }, button)
  })

  function arrange() {
    const sorting = sortings.get(id)
    const shown = filtered(rows, columns, filters.get(id))
    body.replaceChildren(...sorted(shown, columns, sorting).map(row => line(columns, row)))
    heads.forEach((head, place) => {
      const isMine = sorting && sorting.place === place
      head.setAttribute("aria-sort", !isMine ? "none" : sorting.isUp ? "ascending" : "descending")
    })
  }

  arrange()
  const foot = total && element("tfoot", {}, line(columns, total))
  const whole = element("table", { "data-table": id },
    element("thead", {}, element("tr", {}, heads)), body, foot)
  const box = element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": id }, whole)
  return rows.length > MANY_ROWS ? [filterBox(id, arrange), box] : box
}

// Return a field for a part of a text; only rows that have it are shown.
function filterBox(id, arrange) {
  const field = element("input", { type: "search", id: `filter-${id}`, value: filters.get(id) || "",
    placeholder: "filter", "aria-label": `filter ${id}` })
  field.addEventListener("input", () => {
    filters.set(id, field.value)
    arrange()
  })
  return element("p", { class: "filter" }, field)
}

function filtered(rows, columns, text) {
  if (!text) return rows
  const [wanted, texts] = [text.toLowerCase(), columns.filter(column => column.isText)]
  return rows.filter(row => texts.some(column => column.value(row).toLowerCase().includes(wanted)))
}

function sorted(rows, columns, sorting) {
  if (!sorting) return rows
  const { value } = columns[sorting.place]
  const sign = sorting.isUp ? 1 : -1
  return [...rows].sort((one, other) => sign * compared(value(one), value(other)))
}

function compared(one, other) {
  if (typeof one === "string") return one.localeCompare(other)
  return (isKnown(one) ? one : -Infinity) - (isKnown(other) ? other : -Infinity)
}

function line(columns, row) {
  const cells = columns.map((column, place) => {
    const value = column.value(row)
    const shown = column.show ? column.show(value, row) : value
    const look = [column.isText && "text", column.look && column.look(value)].filter(Boolean)
    const attributes = { class: look.join(" ") || null, title: column.exact && exactly(value) }
    return element(place ? "td" : "th", place ? attributes : { ...attributes, scope: "row" }, shown)
  })
  return element("tr", {}, cells)
}

function exactly(value) {
  return isKnown(value) ? `${Math.round(value * 1000) / 1000} ms` : null
}

function textColumn(name, value, show) {
  return { name, value, show, isText: true }
}

function countColumn(name, value, look, about) {
  return { name, value, show: count, look, about }
}

function timeColumn(name, value, about) {
  return { name, value, show: ms, exact: true, about }
}

function badIfAny(value) {
  return value ? "bad" : null
}
