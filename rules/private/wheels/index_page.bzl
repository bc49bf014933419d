"""Reading a project's page of an index (PEP 503)."""

def page_url(place, distribution):
    """Returns the URL of the page that links to a distribution's files.

    Args:
      place: struct with `url` (empty where there is no index, or it is a folder) and `flat`.
      distribution: normalised name (PEP 503).

    Returns:
      The URL, empty where there is no page to ask.
    """
    if not place.url or place.url.startswith("file:"):
        return ""
    if not place.flat:
        return "%s/%s/" % (place.url, distribution)
    return place.url if place.url.endswith(".html") or place.url.endswith(".htm") else place.url + "/"

def file_url(page, file, base):
    """Finds a file on a project's page.

    Args:
      page: the page's HTML.
      file: the file's name.
      base: URL of the page, for relative links.

    Returns:
      The absolute URL that the page links to, or an empty string.
    """
    for chunk in page.split('href="')[1:]:
        link = chunk[:chunk.find('"')].split("#")[0].replace("&amp;", "&")
        if link.split("/")[-1].replace("%2B", "+").replace("%2b", "+") == file:
            return _absolute(link, base)
    return ""

def _absolute(link, base):
    if "://" in link:
        return link
    scheme, rest = base.split("://")
    if link.startswith("//"):
        return scheme + ":" + link
    host = rest.split("/")[0]
    if link.startswith("/"):
        return "%s://%s%s" % (scheme, host, link)
    return "%s://%s/%s" % (scheme, host, _join(rest.split("/")[1:-1], link.split("/")))

def _join(folders, steps):
    parts = list(folders)
    for step in steps:
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
