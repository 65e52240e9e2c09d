// Posts the page's message at once. Without the script, the button does.
document.forms[0].submit();
