"""Answers out: workbook, web page, the returned list, retry and restore lists."""
